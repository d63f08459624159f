"""What is said to a person, before any channel gives it a shape. One message a turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class InputKind(StrEnum):
    """What the message waits for; the rendering chooses buttons, a list or typed numbers."""

    NOTHING = "nothing"
    CHOICE = "choice"
    MARKS = "marks"
    RANK = "rank"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickReply:
    """Something that can be pressed; `number` is what may be typed instead (its position).

    `payload` is at most 64 bytes (Telegram's callback data): `A10:GTF4`, or `!word` for the
    conversation's own buttons. `marked` shows a live check mark or, in a ranking, `place`.
    """

    payload: str
    label: str
    description: str = ""
    number: int | None = None
    marked: bool = False
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in the person's language, complete and plain (no markup).

    `replaces_last`: only marks changed, so a channel that can edit edits the last message
    instead, and no outbox row is written; a channel that cannot sends it.
    `list_label` is the text of the button that opens a list. `code` names the system text or
    question it came from, for transcripts and logs (never the text itself). `hint` says how
    several choices are typed at once; shown where each tap would cost a message.
    """

    text: str
    language: str
    code: str
    input: InputKind = InputKind.NOTHING
    replies: tuple[QuickReply, ...] = ()
    list_label: str = ""
    step: int | None = None
    steps: int | None = None
    replaces_last: bool = False
    hint: str = ""
