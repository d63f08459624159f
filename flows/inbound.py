"""What one person did, as every channel tells it: said, pressed, arrived, or sent a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text message. Lone surrogates and NUL are already gone."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button or list row: the `payload` of a QuickReply, as it came back."""

    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A deep link, a QR code or an opened page: the wish to take part, and where from."""

    source: str = ""
    consultation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """A voice note, photo, sticker, place or file: answered kindly, never stored."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An answer changed on the page behind the one-time link: leaves no mark in the chat."""

    question: str
    values: tuple[str, ...]
    other_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrew:
    """BORRAR on the page behind the one-time link, already confirmed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A text message was edited: `order` names the message it was."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The service was away so long that the platform has dropped presses: ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptGiven:
    """The person typed the receipt of an answer given on another channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAsked:
    """Somebody on another channel typed this person's receipt."""


Body = (
    Said
    | Pressed
    | Arrived
    | Unsupported
    | Changed
    | Withdrew
    | Edited
    | Missed
    | ReceiptGiven
    | JoinAsked
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One inbound. `sent_at` is UTC in integer microseconds, by the platform's clock.

    `order` is the platform's (date, message id), which orders texts whatever their arrival.
    `language` is the profile's locale tag and `country` an ISO code, when the channel knows.
    """

    channel: str
    body: Body
    sent_at: int
    order: tuple[int, int] = (0, 0)
    language: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An inbound with its address on the outside: what a channel hands to the committer.

    `raw` is kept only if the inbound ends in quarantine. `inbound` is None when the channel
    could not decode it; then `problem` says why. `participant` stands in for the address on
    the page behind the one-time link, which knows nobody's address. `also` is another address
    of the same person that the same update names, less stable than `address`.
    """

    channel: str
    address: str
    external_id: str
    inbound: Inbound | None
    received_at: int
    raw: bytes = b""
    problem: str = ""
    participant: int | None = None
    also: str = ""


Outcome = Literal["applied", "duplicate", "ignored", "quarantined"]
"""How an accepted update ended."""
