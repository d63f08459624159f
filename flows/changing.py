"""What the page behind the one-time link may do: change an answer, or withdraw.

It leaves no mark in the chat, so that a borrowed or inspected phone shows nothing.
"""

from __future__ import annotations

from flows.answering import forget_words, record
from flows.asking import asked, is_relevant
from flows.cleaning import clean_text
from flows.consultation import DONT_KNOW, Question, QuestionType, Role
from flows.draft import Draft
from flows.events import AnswerRejected, Erase
from flows.inbound import Changed
from flows.questions import READERS
from flows.questions.reading import Asked, Reply, Taken
from flows.session import FRESH, Progress, Stage

_TYPED = frozenset(
    {QuestionType.TEXT, QuestionType.NUMBER, QuestionType.DATE, QuestionType.COUNTRY}
)


def change(draft: Draft, body: Changed) -> None:
    """Record a changed answer, if the wave is open and the value is one."""
    question = draft.bound.by_id.get(body.question)
    if question is None or not draft.has_progress or not draft.is_open:
        return
    is_missing = question.id not in draft.progress.answers and not may_be_given(draft, question)
    if question.type is QuestionType.CONSENT or is_missing:
        return
    values = tuple(clean_text(value) for value in body.values)
    taken = accepted(asked(draft, question), values)
    if taken is None:
        draft.events.append(AnswerRejected(question=question.id, reason="changed_wrongly"))
        return
    record(draft, question, taken, clean_text(body.other_text, 200))
    if draft.progress.stage in (Stage.DONE, Stage.OFFERED):
        forget_words(draft)


def may_be_given(draft: Draft, question: Question) -> bool:
    """A reason can be given anew after the side has changed."""
    return question.role is Role.REASON and is_relevant(draft.bound, question, draft.progress)


def accepted(shown: Asked, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values as they are kept, or None when they are no answer to the question."""
    question = shown.question
    if question.type in _TYPED:
        reading = READERS[question.type](shown, Reply(text=" ".join(values)))
        return reading.values if isinstance(reading, Taken) else None
    known = {c.code for c in shown.choices} | ({DONT_KNOW} if question.dont_know else set())
    alone = {c.code for c in shown.choices if c.exclusive} | {DONT_KNOW}
    is_multi = question.type is QuestionType.MULTI
    is_list = is_multi or question.type is QuestionType.RANK
    most = question.max_choices or (len(known) if is_list else 1)
    fits = (
        set(values) <= known
        and len(set(values)) == len(values) <= most
        and (len(values) <= 1 or not set(values) & alone)
        and (bool(values) or is_multi)
    )
    return values if fits else None


def withdraw(draft: Draft) -> None:
    """Forget everything of this consultation and ask the shell to erase the records."""
    if not draft.has_progress or draft.progress.stage in FRESH:
        return
    progress = draft.progress
    draft.requests.append(Erase())
    draft.put(Progress(version=progress.version, wave=progress.wave, seed=0, stage=Stage.ERASED))
