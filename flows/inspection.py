"""What a consultation costs a person: screens, messages, words, readability, by path.

Counted on the bound definition, along the five paths of the people it is made for. A screen is
whatever waits for an answer, from the consent on; the receipt ends the core and is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flows import limits
from flows.asking import is_relevant
from flows.binding import BoundConsultation, fill
from flows.consultation import Part, Question, QuestionType
from flows.errors import Issue
from flows.languages import in_language
from flows.session import Progress

PATHS: Mapping[str, Mapping[str, str]] = {
    "resident": {"A02": "PER", "A01": "RES"},
    "emigrant": {"A02": "PER", "A01": "EXT"},
    "family abroad": {"A02": "PER", "A01": "FAM"},
    "organisation": {"A02": "ORG"},
    "visitor": {"A02": "PER", "A01": "VIS"},
}
"""What people answer to the questions that branch; elsewhere the first choice."""
_VOWELS = re.compile(r"[aeiouáéíóúüy]+", re.IGNORECASE)
_HIATUS = re.compile(r"[aeoáéó][aeoáéó]|[íú][aeoáéó]|[aeoáéó][íú]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`core` and `whole`: screens by path; `whatsapp`: messages of the core by path, with
    rankings tapped one by one and marks typed as numbers; `typed`: with rankings typed as
    numbers as well. `longest`: (words, question,
    language) of the longest bubble; `hardest`: (INFLESZ, question) in Spanish.
    """

    core: dict[str, int]
    whole: dict[str, int]
    whatsapp: dict[str, int]
    typed: dict[str, int]
    longest: tuple[int, str, str]
    hardest: tuple[float, str]
    consent_chars: dict[str, int]


def inspect(bound: BoundConsultation) -> tuple[Figures, list[Issue]]:
    """The figures, and what in them goes beyond a limit."""
    paths = {name: _path(bound, answers) for name, answers in PATHS.items()}
    core = {n: [q for q in p if q.part is Part.CORE] for n, p in paths.items()}
    consent = bound.definition.questions[0]
    figures = Figures(
        core={n: len(questions) for n, questions in core.items()},
        whole={n: len(questions) for n, questions in paths.items()},
        whatsapp={n: 1 + sum(_messages(q) for q in qs) for n, qs in core.items()},
        typed={n: 1 + len(questions) for n, questions in core.items()},
        longest=max(_bubbles(bound)),
        hardest=min(_readability(bound)),
        consent_chars={
            code: len(fill(in_language(consent.text, code), {"edad_minima": 18}))
            for code in bound.definition.languages
        },
    )
    return figures, _beyond(bound, figures)


def _path(bound: BoundConsultation, answers: Mapping[str, str]) -> list[Question]:
    """The questions of somebody who answers everything."""
    given: dict[str, tuple[str, ...]] = {}
    met = []
    for question in bound.definition.questions:
        progress = Progress(version=1, wave=1, seed=0, answers=given)
        if question.type is QuestionType.INFO or not is_relevant(bound, question, progress):
            continue
        met.append(question)
        shown = bound.choices_of(question, given)
        first = shown[0].code if shown else "x"
        given = {**given, question.id: (answers.get(question.id, first),)}
        if question.type is QuestionType.MULTI and len(shown) > 1 and question.part is Part.CORE:
            given[question.id] = (shown[0].code, shown[1].code)
    return met


def _messages(question: Question) -> int:
    """WhatsApp messages that asking costs."""
    return (question.max_choices or 1) if question.type is QuestionType.RANK else 1


def _bubbles(bound: BoundConsultation) -> list[tuple[int, str, str]]:
    """(words, question, language) of every bubble but consent and receipt."""
    found = [(0, "", "")]
    for question in bound.definition.questions:
        if question.type in (QuestionType.CONSENT, QuestionType.INFO):
            continue
        found += [(len(text.split()), question.id, code) for code, text in question.text.items()]
    return found


def _readability(bound: BoundConsultation) -> list[tuple[float, str]]:
    return [(100.0, "")] + [
        (inflesz(in_language(question.text, "es")), question.id)
        for question in bound.definition.questions
        if question.type not in (QuestionType.CONSENT, QuestionType.INFO)
    ]


def inflesz(text: str) -> float:
    """Szigriszt-Pazos readability: 206.835 - 62.3·syllables/words - words/sentences.

    Source: Szigriszt Pazos, "Sistemas predictivos de legibilidad" (1993); 65 and more is
    "bastante fácil" on the INFLESZ scale.
    """
    words = re.findall(r"[a-záéíóúüñ]+", text.lower())
    sentences = max(len(re.findall(r"[.!?:;]+(?:\s|$)", text)), 1)
    if not words:
        return 100.0
    count = sum(syllables(word) for word in words)
    return round(206.835 - 62.3 * count / len(words) - len(words) / sentences, 1)


def syllables(word: str) -> int:
    """Syllables of a Spanish word: vowel groups, with each hiatus split."""
    plain = re.sub(r"([gq])u([eiéí])", r"\1\2", word.lower())
    groups = _VOWELS.findall(plain)
    return max(sum(1 + len(_HIATUS.findall(group)) for group in groups), 1)


def _beyond(bound: BoundConsultation, figures: Figures) -> list[Issue]:
    """What goes beyond a limit: warnings, and refusals where a platform would refuse."""
    where = f"{bound.definition.id}.yaml"
    words, name, code = figures.longest
    score, hard = figures.hardest
    screens, shortest = bound.definition.screens, min(figures.core.values())
    checks = (
        (bool(screens) and not shortest <= screens <= max(figures.core.values()), "screens", True,
         f"The consent promises {screens} screens; the core has {shortest} and more."),
        (max(figures.whole.values()) > limits.PATH_STEPS, "gate_2", False,
         f"A path has more than {limits.PATH_STEPS} steps; split the consultation."),
        (max(figures.whole.values()) > limits.PATH_STEPS_WARN, "gate_2", True,
         f"A path has more than {limits.PATH_STEPS_WARN} steps; leave some out."),
        (bound.definition.minutes > limits.MINUTES, "gate_2", True,
         f"More than {limits.MINUTES} minutes; leave some out."),
        (max(figures.consent_chars.values()) > limits.CONSENT_CHARS, "consent_long", False,
         f"The consent has more than {limits.CONSENT_CHARS} characters; WhatsApp refuses it."),
        (max(figures.typed.values()) > limits.CORE_WHATSAPP_MESSAGES, "many_messages", True,
         f"Typed, the core costs more than {limits.CORE_WHATSAPP_MESSAGES} WhatsApp messages."),
        (words > limits.BUBBLE_WORDS, "long_bubble", True,
         f"{name} ({code}) has {words} words; {limits.BUBBLE_WORDS} are read without scrolling."),
        (score < limits.INFLESZ, "hard_to_read", True,
         f"{hard} reads at INFLESZ {score}; aim at {limits.INFLESZ} or more."),
    )  # fmt: skip
    return [
        Issue(code=code_, where=where, sentence=sentence, warning=warning)
        for is_beyond, code_, warning, sentence in checks
        if is_beyond
    ]
