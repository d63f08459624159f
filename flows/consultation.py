"""What a consultation is: questions, choices, waves, and the launch it was opened with.

Immutable once open. `flows.loading` makes it from YAML; `flows.binding` fills in the city's
names, themes and areas. Nothing here knows how an answer is asked for or stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from flows.expressions import Expression
from flows.ids import ConsultationId, QuestionId
from flows.languages import LocalText


class Kind(StrEnum):
    """The kind of space (handbook, table 3.4). Only the first two run today."""

    CONSULTA = "consulta"
    REGISTRO = "registro"
    DELIBERACION = "deliberacion"
    NEGOCIACION = "negociacion"
    RENDICION = "rendicion"
    LISTA_CHEQUEO = "lista_chequeo"


RUNNING_KINDS = frozenset({Kind.CONSULTA, Kind.REGISTRO})


class QuestionType(StrEnum):
    """How a question is answered; each has its file in `flows/questions/`."""

    CONSENT = "consent"
    INFO = "info"
    SINGLE = "single"
    MULTI = "multi"
    RANK = "rank"
    SCALE = "scale"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    COUNTRY = "country"
    LOCAL_AREA = "local_area"


class Part(StrEnum):
    """CORE comes before the receipt; MORE after it, if the person has three more minutes."""

    CORE = "core"
    MORE = "more"


class Role(StrEnum):
    """What the summary reads a question as."""

    THEMES = "themes"
    DIMENSIONS = "dimensions"
    NEED = "need"
    SUPPORT = "support"
    REASON = "reason"
    SERVICES = "services"
    OFFERS = "offers"
    NARRATIVE = "narrative"
    CONCERNS = "concerns"
    PERCEPTION = "perception"
    EXPECTATION = "expectation"
    ALLIES = "allies"
    PERMISSIONS = "permissions"
    RELATION = "relation"
    SECTOR = "sector"
    ACTOR_TYPE = "actor_type"
    COUNTRY = "country"
    AREA = "area"


class ConsentAnswer(StrEnum):
    """What pressing a choice of the consent means."""

    ACCEPT = "accept"
    DECLINE = "decline"
    UNDER_AGE = "under_age"


class Store(StrEnum):
    """Where an answer lives: with the answers, or with the contact and in no table."""

    ANSWERS = "answers"
    CONTACT = "contact"


DONT_KNOW = "NS"
"""The code of "I don't know": an answer, counted in the base (RC2)."""

OTHER = "OTR"
NONE = "NIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen. `sets` holds the segments it gives, e.g. residence."""

    code: str
    label: LocalText
    description: LocalText = field(default_factory=dict)
    exclusive: bool = False
    other: bool = False
    pinned: bool = False
    sets: Mapping[str, str] = field(default_factory=dict)
    consent: ConsentAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesFrom:
    """Where choices come from: `themes`, `sectors`, `actor_types` of A03, `answers` to B11."""

    source: str
    question: QuestionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `version` changes when its meaning does; versions are never summed."""

    id: QuestionId
    type: QuestionType
    text: LocalText
    version: int = 1
    part: Part = Part.CORE
    role: Role | None = None
    intro: LocalText = field(default_factory=dict)
    relevant: Expression | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: ChoicesFrom | None = None
    max_choices: int | None = None
    max_chars: int | None = None
    min: str | None = None
    max: str | None = None
    shuffle: bool = False
    dont_know: bool = False
    sensitive: bool = False
    segment: bool = False
    personal_data_scan: bool = False
    store: Store = Store.ANSWERS
    measures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    report: str = ""

    @property
    def is_substantive(self) -> bool:
        """Whether an answer to it makes a response valid (RC1)."""
        asks = self.type not in (QuestionType.CONSENT, QuestionType.INFO)
        return asks and not self.segment and self.role is not Role.PERMISSIONS

    def choice(self, code: str) -> Choice | None:
        """The choice with this code, or None."""
        return next((c for c in self.choices if c.code == code), None)

    def side(self, values: tuple[str, ...]) -> str | None:
        """Which measure an answer counts for (favour, against); None for neither."""
        return next((n for n, codes in self.measures.items() if set(values) & set(codes)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One fielding period, in days of the city; it closes at the end of the last day.

    `results_on`, `reply_on`: its own promised days; None: the launch's.
    """

    number: int
    opens: date
    closes: date
    results_on: date | None = None
    reply_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What the consent promises: which decision, who answers for it, and when (GATE-1)."""

    decision: LocalText
    responsible: LocalText
    results_on: date
    reply_on: date
    funded_by: LocalText = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Another consultation that is offered, never pushed, after this one."""

    consultation: ConsultationId
    when: Expression | None
    text: LocalText


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """A whole consultation; its questions are in the order they are asked."""

    id: ConsultationId
    kind: Kind
    version: int
    title: LocalText
    languages: tuple[str, ...]
    minutes: int
    screens: int
    """What the consent promises a person for the core; 0: nothing."""
    questions: tuple[Question, ...]
    launch: Launch
    waves: tuple[Wave, ...]
    notice: LocalText = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    review: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def question(self, question_id: str) -> Question | None:
        """The question with this id, or None."""
        return next((q for q in self.questions if q.id == question_id), None)

    def with_role(self, role: Role) -> tuple[Question, ...]:
        """Every question that the summary reads as `role`."""
        return tuple(q for q in self.questions if q.role is role)
