"""Everything that can happen in a turn, one frozen class each; storage writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Somebody began a consultation; `source` is the code of the link that brought them."""

    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """Consent with the exact text shown: `text_sha256`, question version, language, age."""

    question: str
    version: int
    language: str
    text_sha256: str
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDeclined:
    """No consent: nothing else of the person is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderAge:
    """Younger than the minimum age: counted, and nothing is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecorded:
    """One answer: `values` are codes in order (a text, number or date is its one value).

    A revision of the same question is told by storage, not here. `loop` is the loop index.
    """

    question: str
    version: int
    values: tuple[str, ...]
    other_text: str = ""
    loop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSkipped:
    """SALTAR: a count of its own, never merged with "I don't know" (RC2)."""

    question: str
    version: int
    loop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCleared:
    """An answer whose question is no longer relevant after an earlier answer changed."""

    question: str
    version: int
    loop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRejected:
    """An odd reply: a kind message and the question again. `reason` is a code, not the text."""

    question: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsChanged:
    """Segments that answers gave: residence, country, sector, actor_type, area, language."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAnswered:
    """An answer that belongs with the contact (store: contact) and enters no table."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionsChanged:
    """The permissions now given, as purposes: results, invitations, quote, linking."""

    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The core is answered to its end; `receipt` proves that it counted, not what was said."""

    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen:
    """The person chose a language."""

    language: str


Event = (
    Started
    | ConsentGiven
    | ConsentDeclined
    | UnderAge
    | AnswerRecorded
    | QuestionSkipped
    | AnswerCleared
    | AnswerRejected
    | SegmentsChanged
    | ContactAnswered
    | PermissionsChanged
    | Completed
    | LanguageChosen
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """BORRAR, confirmed: delete this response and leave only an anonymous counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """BASTA: end every unasked send, on every channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """PERSONA: a person of the city has to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnswersLink:
    """MIS RESPUESTAS after completion: make the one-time link whose token the message holds."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """Go on with another consultation, in this same turn."""

    consultation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResults:
    """RESULTADOS: send what is published when there is something (asked, so no campaign)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerJoin:
    """Whether another channel that gave this person's receipt is theirs."""

    accepts: bool


Request = AnswerJoin | Erase | Silence | AskPerson | OpenAnswersLink | Enter | SendResults
