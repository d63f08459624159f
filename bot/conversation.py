"""The engine with its surroundings: which consultation, what a turn may know of the world.

Everything a turn is given derives from the update's own id, so that a replay gives the same
turn: the seed, the receipt, the token of a one-time link.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec

from bot.instance import Folder
from flows.binding import BoundConsultation, in_words
from flows.campaigns import GO
from flows.engine import advance
from flows.events import Enter
from flows.inbound import Arrived, Body, Inbound, Pressed, Said
from flows.keywords import find_keyword
from flows.readings import GivenReply
from flows.session import FRESH, Context, Session, Stage, Turn
from flows.waves import Decided, Period, open_wave, periods_of
from storage.keys import KeyRing
from storage.turns import TurnIds

CAN_EDIT = frozenset({"web", "telegram", "loopback"})
"""Channels where marks are edited in place; elsewhere the question is sent again."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Receipts are read aloud and copied by hand: no 0/O, 1/I/L, U/V."""


@dataclass(slots=True)
class Conversation:
    """`advance` for the committer. `replies` is refreshed when the city replies."""

    folder: Folder
    keys: KeyRing
    base_url: str = ""
    replies: tuple[GivenReply, ...] = ()
    has_results: bool = False
    periods: dict[str, tuple[Period, ...]] = field(default_factory=dict)
    _texts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.set_waves({})

    def advance(self, session: Session | None, inbound: Inbound, ids: TurnIds) -> Turn:
        """One turn, in the consultation that the person is in or asks for."""
        bound = self._consultation(session, inbound, ids.received_at)
        if session is not None and session.active not in ("", bound.definition.id):
            session = msgspec.structs.replace(session, active=bound.definition.id)
        turn = advance(bound, session, inbound, self._context(bound, session, ids))
        entered = next((r for r in turn.requests if isinstance(r, Enter)), None)
        if entered is not None and entered.consultation in self.folder.consultations:
            turn = self._enter(turn, entered.consultation, inbound, ids)
        if inbound.channel not in CAN_EDIT:
            messages = tuple(replace(m, replaces_last=False) for m in turn.messages)
            turn = msgspec.structs.replace(turn, messages=messages)
        return turn

    def set_replies(self, replies: tuple[GivenReply, ...]) -> None:
        """The city's replies, for COMPROMISOS."""
        self.replies = replies
        self._texts = {}

    def set_waves(self, decided: Mapping[str, Mapping[int, Decided]]) -> None:
        """What the records say of every consultation's waves."""
        zone = self.folder.instance.city.time_zone
        self.periods = {
            name: periods_of(bound.definition, zone, decided.get(name))
            for name, bound in self.folder.consultations.items()
        }

    def _enter(self, turn: Turn, consultation: str, inbound: Inbound, ids: TurnIds) -> Turn:
        """Go on with another consultation; the first turn only asked for that."""
        bound = self.folder.consultations[consultation]
        session = msgspec.structs.replace(turn.session, active=consultation)
        arrived = replace(inbound, body=Arrived(source=session.source))
        return advance(bound, session, arrived, self._context(bound, session, ids))

    def _consultation(
        self, session: Session | None, inbound: Inbound, at: int
    ) -> BoundConsultation:
        """The one that is asked for, else the one that the person is in."""
        asked = _asked(inbound.body)
        if not asked and session is not None and self._goes_on(session, inbound.body, at):
            return self.folder.main
        name = asked or (session.active if session is not None else "")
        return self.folder.consultations.get(name) or self.folder.main

    def _goes_on(self, session: Session, body: Body, at: int) -> bool:
        """PARTICIPAR or SEGUIR of who has ended another consultation, while the main one waits.

        They were invited to its next wave, or reminded of it, and answer with the word told.
        """
        main = self.folder.main
        ended = session.progress.get(session.active)
        if not isinstance(body, Said) or session.active == main.definition.id or ended is None:
            return False
        wave = open_wave(self.periods[main.definition.id], at)
        if wave is None or ended.stage not in (Stage.DONE, *FRESH):
            return False
        if find_keyword(body.text, main.keywords) not in ("participar", "seguir"):
            return False
        progress = session.progress.get(main.definition.id)
        ends = progress is not None and progress.stage in (Stage.DONE, *FRESH)
        return progress is None or progress.wave != wave.number or not ends

    def _context(self, bound: BoundConsultation, session: Session | None, ids: TurnIds) -> Context:
        periods = self.periods[bound.definition.id]
        wave = open_wave(periods, ids.received_at)
        token = self._token(ids)
        language = session.language if session is not None else "es"
        return Context(
            now=ids.received_at,
            seed=(ids.participant >> 10) & 0xFFFFFFFF,
            receipt=self._receipt(bound, ids),
            token=token,
            answers_url=f"{self.base_url}/mis/{token}" if self.base_url else "",
            results_url=f"{self.base_url}/resumen" if self.base_url and self.has_results else "",
            published_replies=self._reply_texts(language),
            wave=wave.number if wave is not None else None,
            periods=periods,
        )

    def _receipt(self, bound: BoundConsultation, ids: TurnIds) -> str:
        """Nine characters, independent of every answer."""
        number = int.from_bytes(
            self.keys.digest("receipt", bound.definition.id, str(ids.participant))[:8]
        )
        letters = ""
        for _ in range(9):
            number, at = divmod(number, len(ALPHABET))
            letters += ALPHABET[at]
        return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"

    def _token(self, ids: TurnIds) -> str:
        digest = self.keys.digest("token", str(ids.event))[:16]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _reply_texts(self, language: str) -> tuple[str, ...]:
        if language not in self._texts:
            self._texts[language] = tuple(
                reply_text(self.folder, reply, language) for reply in self.replies
            )
        return self._texts[language]


def _asked(body: Body) -> str:
    """The consultation that a link or a campaign's button names, or nothing."""
    match body:
        case Arrived(consultation=name):
            return name
        case Pressed(payload=payload) if payload.startswith(GO):
            return payload.removeprefix(GO).partition(":")[0]
        case _:
            return ""


def reply_text(folder: Folder, reply: GivenReply, language: str) -> str:
    """The card of a reply in a language."""
    words = folder.instance.words
    theme = next((t for t in folder.instance.plan.themes if t.code == reply.theme), None)
    values = {
        "tema": theme.label.get(language, reply.theme) if theme else reply.theme,
        "estado": words.states[reply.state].get(language, reply.state),
        "razon": reply.reason.strip().removesuffix("."),
        "dependencia": reply.unit,
        "fecha": in_words(date.fromisoformat(reply.due), language),
    }
    return folder.main.word("DECISION", language, values)
