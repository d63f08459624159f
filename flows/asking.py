"""What comes next, and how a question is put: which is relevant, in which order, which words."""

from __future__ import annotations

from zlib import crc32

from flows.binding import BoundConsultation
from flows.consultation import Choice, Part, Question, QuestionType
from flows.draft import Draft
from flows.languages import in_language
from flows.messages import InputKind, Message, QuickReply
from flows.questions.marking import FINISH
from flows.questions.reading import Asked
from flows.session import Progress, Stage

INPUTS = {
    QuestionType.CONSENT: InputKind.CHOICE,
    QuestionType.SINGLE: InputKind.CHOICE,
    QuestionType.SCALE: InputKind.CHOICE,
    QuestionType.MULTI: InputKind.MARKS,
    QuestionType.RANK: InputKind.RANK,
    QuestionType.TEXT: InputKind.TEXT,
    QuestionType.NUMBER: InputKind.NUMBER,
    QuestionType.DATE: InputKind.DATE,
    QuestionType.COUNTRY: InputKind.CHOICE,
    QuestionType.LOCAL_AREA: InputKind.CHOICE,
    QuestionType.INFO: InputKind.NOTHING,
}


def is_relevant(bound: BoundConsultation, question: Question, progress: Progress) -> bool:
    """Whether a person with these answers is asked this question."""
    if question.relevant is not None and not question.relevant.holds(progress.answers):
        return False
    if question.choices_from is not None and question.choices_from.source == "answers":
        return bool(bound.choices_of(question, progress.answers))
    return True


def next_question(bound: BoundConsultation, progress: Progress, part: Part) -> Question | None:
    """The first relevant question of the part without an answer and not skipped."""
    for question in bound.parts[part]:
        if question.id in progress.answers or question.id in progress.skipped:
            continue
        if question.type is QuestionType.INFO:
            continue
        if is_relevant(bound, question, progress):
            return question
    return None


def steps_of(bound: BoundConsultation, progress: Progress, part: Part) -> list[str]:
    """The ids of the part's questions that are relevant with the answers so far."""
    return [
        q.id
        for q in bound.parts[part]
        if q.type is not QuestionType.INFO and is_relevant(bound, q, progress)
    ]


def shown_choices(
    bound: BoundConsultation, question: Question, progress: Progress
) -> tuple[Choice, ...]:
    """The choices in the order this person sees them: shuffled by their seed, pinned last."""
    choices = bound.choices_of(question, progress.answers)
    if not question.shuffle:
        return choices
    free = [c for c in choices if not c.pinned]
    key = f"{progress.seed}:{question.id}:"
    free.sort(key=lambda choice: crc32((key + choice.code).encode()))
    return (*free, *(c for c in choices if c.pinned))


def _minimum_age(draft: Draft) -> str:
    return str(draft.bound.instance.city.minimum_age_in(draft.session.country))


def asked(draft: Draft, question: Question) -> Asked:
    """The question as this person sees it."""
    return Asked(
        bound=draft.bound,
        question=question,
        choices=shown_choices(draft.bound, question, draft.progress),
        language=draft.language,
        marks=draft.progress.marks,
        age=_minimum_age(draft),
    )


def _promised(draft: Draft, part: Part, known: int) -> int:
    """Screens of this part: those known so far, and never fewer than the consent said.

    What depends on an answer that is still to come cannot be counted yet.
    """
    return max(known, draft.bound.definition.screens) if part is Part.CORE else known


def ask(draft: Draft, question: Question, *, edits: bool = False, is_again: bool = False) -> None:
    """Put the question. `edits`: only marks changed since it was put last.

    `is_again`: an odd reply came; a consent is then not said whole a second time.
    """
    shown = asked(draft, question)
    part = question.part
    steps = steps_of(draft.bound, draft.progress, part)
    is_step = question.id in steps
    draft.ask(
        Message(
            text="" if is_again and question.type is QuestionType.CONSENT else _text(draft, shown),
            language=draft.language,
            code=question.id,
            input=INPUTS[question.type],
            replies=_replies(draft, shown),
            list_label=draft.bound.word("VER_OPCIONES", draft.language),
            step=steps.index(question.id) + 1 if is_step else None,
            steps=_promised(draft, part, len(steps)) if is_step else None,
            replaces_last=edits,
            hint=_hint(draft, question),
        )
    )


def _hint(draft: Draft, question: Question) -> str:
    """How several choices are typed at once."""
    if question.type not in (QuestionType.MULTI, QuestionType.RANK):
        return ""
    is_rank = question.type is QuestionType.RANK
    return draft.bound.word("ESCRIBA_ORDEN" if is_rank else "ESCRIBA_VARIOS", draft.language)


def _text(draft: Draft, shown: Asked) -> str:
    question = shown.question
    text = draft.text_of(question)
    if question.type is QuestionType.CONSENT:
        text = text.replace("{edad_minima}", shown.age)
    if question.type is QuestionType.RANK and shown.marks:
        labels = [_label(shown, code) for code in shown.marks]
        chosen = "\n".join(f"{place}. {label}" for place, label in enumerate(labels, start=1))
        text = draft.bound.word("RANK_SIGUIENTE", draft.language, {"elegidas": chosen})
    elif question.type is QuestionType.MULTI and shown.marks:
        chosen = ", ".join(_label(shown, code) for code in shown.marks)
        text = draft.bound.word("MULTI_SIGUIENTE", draft.language, {"elegidas": chosen})
    return text


def _label(shown: Asked, code: str) -> str:
    choice = shown.choice(code)
    return in_language(choice.label, shown.language) if choice else code


def _replies(draft: Draft, shown: Asked) -> tuple[QuickReply, ...]:
    question, language = shown.question, shown.language
    is_scale = question.type is QuestionType.SCALE
    is_rank = question.type is QuestionType.RANK
    replies = []
    for position, choice in enumerate(shown.choices, start=1):
        if is_rank and shown.marks and choice.exclusive:
            continue
        marked = choice.code in shown.marks
        replies.append(
            QuickReply(
                payload=f"{question.id}:{choice.code}",
                label=in_language(choice.label, language).replace("{edad_minima}", shown.age),
                description=in_language(choice.description, language),
                number=_scale_number(choice.code) if is_scale else position,
                marked=marked,
                place=shown.marks.index(choice.code) + 1 if marked and is_rank else None,
            )
        )
    if question.type is QuestionType.MULTI or (is_rank and shown.marks):
        finish = draft.bound.word("TERMINAR", language)
        replies.append(QuickReply(payload=f"{question.id}:{FINISH}", label=finish))
    return tuple(replies)


def _scale_number(code: str) -> int | None:
    return int(code) if code.isascii() and code.isdigit() else None


def stage_part(stage: Stage) -> Part:
    """The part of the consultation a stage asks about."""
    return Part.MORE if stage in (Stage.MORE, Stage.OFFERED, Stage.DONE) else Part.CORE
