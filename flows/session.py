"""Where a person is in the conversation, and how that is written down and read back.

msgspec.Struct instead of a dataclass: a session is decoded and encoded on every turn, and
this is the one hot place (decision 0003). Still frozen: a turn makes a new session.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from flows.events import Event, Request
from flows.messages import Message
from flows.waves import Period


class Stage(StrEnum):
    """Where a response stands in the conversation."""

    CONSENT = "consent"
    ASKING = "asking"
    MORE_OFFERED = "more_offered"
    MORE = "more"
    OFFERED = "offered"
    DONE = "done"
    DECLINED = "declined"
    UNDER_AGE = "under_age"
    ERASED = "erased"


FRESH = frozenset({Stage.DECLINED, Stage.UNDER_AGE, Stage.ERASED})
"""Stages from which taking part begins anew."""


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """One consultation's position. `answers` hold what conditions and recaps need."""

    version: int
    wave: int
    seed: int
    stage: Stage = Stage.CONSENT
    current: str | None = None
    path: tuple[str, ...] = ()
    answers: dict[str, tuple[str, ...]] = {}
    other_texts: dict[str, str] = {}
    skipped: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    awaits: str = ""
    """A question within it: `other`, `erase`, `language`, `age`, `edit`, `country:FR`."""
    reopened: bool = False
    """The current question was already answered: SALTAR leaves it as it was."""
    paused: bool = False
    age: int = 0
    receipt: str = ""
    offered: tuple[str, ...] = ()
    typed: tuple[str, int] = ("", 0)
    """The question that was last answered in words, and the platform's id of that message."""


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """A participant's whole conversation: the active consultation and every progress."""

    language: str
    active: str = ""
    language_chosen: bool = False
    source: str = ""
    country: str = ""
    """Where the person is: as they answered, else as the channel knew (a phone's prefix)."""
    region: str = ""
    """The country of their profile's locale: the last thing to go by."""
    progress: dict[str, Progress] = {}
    day: int = 0
    turns: int = 0
    """Turns of the day `day` (days since 1970): the limit on one person's messages."""
    schema: int = 1


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn may know of the world outside, as arguments.

    `now`: UTC microseconds. `seed`: for shuffling. `receipt`: a fresh receipt code.
    `token`: a fresh one-time token. `answers_url`: the page it opens. `results_url` and
    `replies` are what is published, empty when nothing is.
    """

    now: int
    seed: int
    receipt: str
    token: str = ""
    answers_url: str = ""
    results_url: str = ""
    published_replies: tuple[str, ...] = ()
    wave: int | None = None
    """The wave that is open; None: the consultation is closed, or not yet open."""
    periods: tuple[Period, ...] = ()
    """Every wave of the consultation on the clock; empty: as the definition plans them."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One inbound and all it causes. At most one message (the fact is tested, not trusted)."""

    session: Session
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
    requests: tuple[Request, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Session)


def dump_session(session: Session) -> bytes:
    """The session as JSON bytes; `load_session` gives the same session back."""
    return _encoder.encode(session)


def load_session(data: bytes) -> Session:
    """Read a session. Raises `msgspec.ValidationError` when the bytes are not one."""
    return _decoder.decode(data)
