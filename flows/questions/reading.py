"""What reading a reply can come to, and what every type shares: numbers, codes, labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flows.binding import BoundConsultation
from flows.cleaning import fold, fold_label
from flows.consultation import DONT_KNOW, Choice, Question, QuestionType

_FILLERS = """
a al con d de del do da e el em en et la las le les l los na o of os para por pour the to um un
una une y primero luego despues tambien primeiro depois tambem premier puis aussi first then also
abord and que
"""
FILLERS = frozenset(_FILLERS.split())
"""Words that name no choice. A negation is never one of them."""
NEGATIONS = frozenset({"no", "nao", "non", "ne", "pas", "not", "ni", "nem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A whole answer: codes in order, or the one value of a text, number or date."""

    values: tuple[str, ...]
    other_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A selection in progress; `by_press` lets a channel edit marks instead of asking anew."""

    marks: tuple[str, ...]
    by_press: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksOther:
    """ "Other" was chosen: its words come next; `marks` are what was chosen so far."""

    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Nearly a known name: ask whether this is meant."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Not an answer. `say` is the code of a kind text, `values` its placeholders."""

    reason: str
    say: str = "NO_ENTENDI"
    values: Mapping[str, object] = field(default_factory=dict)


Reading = Taken | Marked | AsksOther | Suggested | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it was shown: its choices in displayed order, and marks so far."""

    bound: BoundConsultation
    question: Question
    choices: tuple[Choice, ...]
    language: str
    marks: tuple[str, ...] = ()
    age: str = ""
    """The minimum age, as the labels of a consent show it."""

    def choice(self, code: str) -> Choice | None:
        """The shown choice with this code, or None."""
        return next((c for c in self.choices if c.code == code), None)

    def typed(self, text: str) -> Choice | None:
        """The choice that a number, a code of a scale, or a label in any language names."""
        wanted = fold(text)
        if not wanted:
            return None
        if wanted.isascii() and wanted.isdigit():
            return self._numbered(wanted)
        for choice in self.choices:
            labels = (*choice.label.values(), choice.code)
            if any(
                fold_label(label.replace("{edad_minima}", self.age)) == wanted for label in labels
            ):
                return choice
        return self._named(wanted)

    def _named(self, wanted: str) -> Choice | None:
        """The only choice whose label holds every word that was typed: `agua`, `l'eau`.

        Never for a consent: there "I accept" is part of "I do not accept".
        """
        words = set(wanted.split()) - FILLERS
        if words <= NEGATIONS or self.question.type is QuestionType.CONSENT:
            return None
        found = [
            choice
            for choice in self.choices
            if any(words <= set(fold_label(label).split()) for label in choice.label.values())
        ]
        return found[0] if len(found) == 1 else None

    def _numbered(self, digits: str) -> Choice | None:
        """The displayed position; on a scale the code."""
        if self.question.type is QuestionType.SCALE:
            return self.choice(digits.lstrip("0"))
        position = int(digits[:6])
        return self.choices[position - 1] if 1 <= position <= len(self.choices) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What arrived for a question: a pressed code, or typed text; `is_dont_know`: NO SÉ."""

    pressed: str | None = None
    text: str = ""
    is_dont_know: bool = False


Reader = Callable[[Asked, Reply], Reading]


def dont_know(asked: Asked) -> Reading:
    """NO SÉ, where the question takes it and nothing else is chosen yet."""
    if not asked.question.dont_know or asked.marks:
        return Refused(reason="dont_know_refused")
    return Taken(values=(DONT_KNOW,))
