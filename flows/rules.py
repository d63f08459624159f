"""What a well-formed consultation must also be: complete, symmetrical, answerable, bounded.

Checks that need only the definition. Each rule is a small function that yields mistakes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from flows import limits
from flows.consultation import (
    DONT_KNOW,
    NONE,
    ConsentAnswer,
    Consultation,
    Question,
    QuestionType,
    Role,
)
from flows.errors import Issue
from flows.languages import LANGUAGES, LocalText


def check_rules(consultation: Consultation, source: str, lines: Mapping[str, int]) -> list[Issue]:
    """Every mistake that the parts on their own could not show."""
    found: list[Issue] = []
    for rule in _RULES:
        for question, code, sentence in rule(consultation):
            where = f"{source}:{lines.get(question, 1)}"
            found.append(Issue(code=code, where=where, sentence=sentence))
    return found


Finding = tuple[str, str, str]


def _ids(consultation: Consultation) -> Iterator[Finding]:
    for name, count in Counter(q.id for q in consultation.questions).items():
        if count > 1:
            yield name, "twice", f"{name} is given {count} times; every question has its own id."
    for question in consultation.questions:
        for code, count in Counter(c.code for c in question.choices).items():
            if count > 1:
                yield question.id, "twice", f"{question.id}: choice {code} is given {count} times."


def _languages(consultation: Consultation) -> Iterator[Finding]:
    for language in consultation.languages:
        if language not in LANGUAGES:
            yield "", "language", f"No language «{language}». Use {', '.join(LANGUAGES)}."
        elif not consultation.title.get(language):
            yield "", "translation", f"The title is missing in «{language}»."
    for question in consultation.questions:
        texts: list[tuple[str, LocalText]] = [(question.id, question.text)]
        texts += [(f"{question.id}.{c.code}", c.label) for c in question.choices]
        for name, text in texts:
            missing = [code for code in consultation.languages if not text.get(code)]
            if missing:
                yield (
                    question.id,
                    "translation",
                    f"{name} is missing in {', '.join(missing)}; all languages are equal.",
                )


def _consent(consultation: Consultation) -> Iterator[Finding]:
    first = consultation.questions[0] if consultation.questions else None
    if first is None or first.type is not QuestionType.CONSENT:
        yield "", "consent", "The first question must be of type consent."
        return
    given = {c.consent for c in first.choices}
    for wanted in ConsentAnswer:
        if wanted not in given:
            mend = f"add a choice with «consent: {wanted}»."
            yield first.id, "consent", f"{first.id} lets nobody {wanted}: {mend}"


def _conditions(consultation: Consultation) -> Iterator[Finding]:
    seen: set[str] = set()
    for question in consultation.questions:
        reads = set(question.relevant.references) if question.relevant else set()
        if question.choices_from and question.choices_from.question:
            reads.add(question.choices_from.question)
        for name in sorted(reads - seen):
            known = consultation.question(name)
            why = "which comes later; move it before" if known else "which does not exist"
            yield question.id, "reference", f"{question.id} reads {name}, {why}."
        seen.add(question.id)
    for offer in consultation.offers:
        for name in sorted((offer.when.references if offer.when else frozenset()) - seen):
            yield "", "reference", f"An offer reads {name}, which does not exist."


def _open_question(consultation: Consultation) -> Iterator[Finding]:
    if not any(q.type is QuestionType.TEXT for q in consultation.questions):
        yield (
            "",
            "no_open_question",
            "Ask at least one open question: a dialogue is no remote survey.",
        )


def _dissent(consultation: Consultation) -> Iterator[Finding]:
    for question in consultation.questions:
        if question.role is Role.SUPPORT:
            yield from _symmetry(question)
        if question.type is QuestionType.RANK:
            codes = {c.code for c in question.choices}
            if NONE not in codes:
                yield question.id, "no_none", f"{question.id}: a ranking offers {NONE} (none)."


def _symmetry(question: Question) -> Iterator[Finding]:
    favour = question.measures.get("favour", ())
    against = question.measures.get("against", ())
    codes = {c.code for c in question.choices}
    if len(favour) != len(against) or not against or not set(favour + against) <= codes:
        mend = "measures need as many codes against as in favour, all of them choices."
        yield question.id, "asymmetrical", f"{question.id}: {mend}"


def _lengths(consultation: Consultation) -> Iterator[Finding]:
    for question in consultation.questions:
        few = len(question.choices) <= limits.BUTTONS and question.choices_from is None
        most = limits.BUTTON_CHARS if few else limits.ROW_CHARS
        for choice in question.choices:
            for language, written in choice.label.items():
                label = written.replace("{edad_minima}", "18")
                if len(label) > most:
                    yield (
                        question.id,
                        "label_too_long",
                        (
                            f"{question.id}.{choice.code} ({language}): {len(label)} characters; "
                            f"WhatsApp shows {most}. Shorten it, or say the rest in description."
                        ),
                    )
            for language, text in choice.description.items():
                if len(text) > limits.ROW_DESCRIPTION_CHARS and "{" not in text:
                    yield (
                        question.id,
                        "description_too_long",
                        (
                            f"{question.id}.{choice.code} ({language}): a description has at most "
                            f"{limits.ROW_DESCRIPTION_CHARS} characters."
                        ),
                    )


def _shapes(consultation: Consultation) -> Iterator[Finding]:
    for question in consultation.questions:
        if question.type is QuestionType.SCALE:
            codes = [c.code for c in question.choices if c.code != DONT_KNOW]
            if codes != [str(n) for n in range(1, len(codes) + 1)]:
                yield (
                    question.id,
                    "scale",
                    f"{question.id}: a scale's codes are 1, 2, 3… in order.",
                )
        if question.max_choices and question.type not in (QuestionType.MULTI, QuestionType.RANK):
            yield (
                question.id,
                "max_choices",
                f"{question.id}: only multi and rank have max_choices.",
            )
        if len(question.choices) > limits.CHOICES:
            yield question.id, "too_many", f"{question.id}: more than {limits.CHOICES} choices."


def _waves(consultation: Consultation) -> Iterator[Finding]:
    """One wave at a time, each with promised days that come after it."""
    waves = sorted(consultation.waves, key=lambda wave: wave.opens)
    for number, count in Counter(wave.number for wave in waves).items():
        if count > 1 or number < 1:
            yield "", "wave", f"Wave {number}: every wave has its own number, from 1."
    for before, after in pairwise(waves):
        if after.opens <= before.closes or after.number < before.number:
            yield "", "wave", f"Wave {after.number} must open after wave {before.number} closes."
        results, reply = after.results_on, after.reply_on
        late = (results or consultation.launch.results_on) <= after.closes
        if late or (reply or consultation.launch.reply_on) <= after.closes:
            yield (
                "",
                "gate_1",
                (
                    f"Wave {after.number} closes after the days that launch promises; "
                    "give it its own results_on and reply_on."
                ),
            )


_RULES = (
    _ids,
    _waves,
    _languages,
    _consent,
    _conditions,
    _open_question,
    _dissent,
    _lengths,
    _shapes,
)
