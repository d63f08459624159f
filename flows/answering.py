"""A reply to the question at hand: read it, write it down, and go on."""

from __future__ import annotations

import hashlib

from flows.asking import ask, asked, is_relevant, next_question
from flows.binding import BoundConsultation
from flows.cleaning import clean_text
from flows.consultation import ConsentAnswer, Part, Question, QuestionType, Role, Store
from flows.draft import Draft
from flows.events import (
    AnswerCleared,
    AnswerRecorded,
    AnswerRejected,
    Completed,
    ConsentDeclined,
    ConsentGiven,
    ContactAnswered,
    Erase,
    PermissionsChanged,
    QuestionSkipped,
    SegmentsChanged,
    UnderAge,
)
from flows.languages import in_language
from flows.questions import READERS
from flows.questions.reading import AsksOther, Marked, Refused, Reply, Suggested, Taken
from flows.segments import permissions_of, segments_of
from flows.session import Progress, Stage

ASKING_STAGES = frozenset({Stage.ASKING, Stage.MORE})


def answer(draft: Draft, question: Question, reply: Reply) -> None:
    """Read a reply to the question and act on it."""
    if draft.progress.awaits == "other" and reply.pressed is None:
        _take_other(draft, question, reply)
        return
    reading = READERS[question.type](asked(draft, question), reply)
    match reading:
        case Taken(values=values, other_text=other_text):
            if reply.pressed is None and question.type is not QuestionType.CONSENT:
                draft.move(typed=(question.id, draft.inbound.order[1]))
            take(draft, question, values, other_text)
        case Marked(marks=marks, by_press=by_press):
            draft.move(marks=marks, awaits="")
            ask(draft, question, edits=by_press)
        case AsksOther(marks=marks):
            draft.move(marks=marks, awaits="other")
            draft.say("OTRO_ESCRIBA")
        case Suggested(code=code):
            draft.move(awaits=f"country:{code}")
            name = draft.bound.instance.countries.get(code, {}).get(draft.language, code)
            draft.say("PAIS_CUAL", pais=name)
            draft.offer("PAIS_CUAL", ("!country:yes", "SI"), ("!country:no", "NO"))
        case Refused(reason=reason, say=say, values=placeholders):
            draft.events.append(AnswerRejected(question=question.id, reason=reason))
            draft.say(_refusal(question, say), **placeholders)
            ask(draft, question, is_again=True)


def _refusal(question: Question, say: str) -> str:
    """The kind text for an odd reply; a consent needs its own, since nothing can be skipped."""
    return "CONSENTIMIENTO_ELIJA" if question.type is QuestionType.CONSENT else say


def _take_other(draft: Draft, question: Question, reply: Reply) -> None:
    """The words of "other": the answer is whole now, unless more may be chosen."""
    words = clean_text(reply.text.strip(), 200)
    texts = {**draft.progress.other_texts, question.id: words}
    draft.move(awaits="", other_texts=texts)
    marks = draft.progress.marks
    most = question.max_choices or len(question.choices)
    if question.type in (QuestionType.MULTI, QuestionType.RANK) and len(marks) < most:
        ask(draft, question)
    else:
        take(draft, question, marks, words)


def take(draft: Draft, question: Question, values: tuple[str, ...], other_text: str = "") -> None:
    """A whole answer: write it down and go on."""
    if question.type is QuestionType.CONSENT:
        _consent(draft, question, values[0])
        return
    words = other_text or draft.progress.other_texts.get(question.id, "")
    record(draft, question, values, words)
    if _must_confirm_age(draft, question):
        return
    go_on(draft)


def record(draft: Draft, question: Question, values: tuple[str, ...], other_text: str) -> None:
    """Write an answer down, and clear those that it makes irrelevant."""
    progress = draft.progress
    before = segments_of(draft.bound, progress.answers, draft.language)
    changes_side = _changes_side(question, progress.answers.get(question.id), values)
    texts = {key: text for key, text in progress.other_texts.items() if key != question.id}
    draft.move(
        answers={**progress.answers, question.id: values},
        other_texts={**texts, question.id: other_text} if other_text else texts,
        skipped=tuple(name for name in progress.skipped if name != question.id),
        marks=(),
        awaits="",
        paused=False,
        reopened=False,
        path=progress.path if question.id in progress.path else (*progress.path, question.id),
    )
    if question.store is Store.CONTACT:
        draft.events.append(ContactAnswered(question=question.id, values=values))
    else:
        draft.events.append(
            AnswerRecorded(
                question=question.id,
                version=question.version,
                values=values,
                other_text=other_text,
            )
        )
    if any("permission" in choice.sets for choice in question.choices):
        granted = permissions_of(draft.bound, draft.progress.answers)
        draft.events.append(PermissionsChanged(purposes=granted))
    for other in draft.bound.definition.questions:
        if other.id not in draft.progress.answers:
            continue
        if (changes_side and other.role is Role.REASON) or _is_stale(draft, other):
            _clear(draft, other)
    tell_segments(draft, before)


def tell_segments(draft: Draft, before: dict[str, str] | None = None) -> None:
    """Say the segments if they are other than before."""
    now = segments_of(draft.bound, draft.progress.answers, draft.language)
    if now != before:
        draft.events.append(SegmentsChanged(values=now))


def _changes_side(
    question: Question, before: tuple[str, ...] | None, values: tuple[str, ...]
) -> bool:
    """Whether a reason given before would now stand on the other side."""
    if question.role is not Role.SUPPORT or before is None:
        return False
    return question.side(before) != question.side(values)


def _is_stale(draft: Draft, question: Question) -> bool:
    """Whether the changed answers no longer ask for this one."""
    return not is_relevant(draft.bound, question, draft.progress) or _stale_choice(draft, question)


def _clear(draft: Draft, question: Question) -> None:
    """Take an answer back; what is still asked for is asked anew."""
    answers = {k: v for k, v in draft.progress.answers.items() if k != question.id}
    path = tuple(name for name in draft.progress.path if name != question.id)
    draft.move(answers=answers, path=path)
    draft.events.append(AnswerCleared(question=question.id, version=question.version))


def _stale_choice(draft: Draft, question: Question) -> bool:
    """A choice that came from another answer which has changed since."""
    if question.choices_from is None or question.choices_from.question is None:
        return False
    offered = {c.code for c in draft.bound.choices_of(question, draft.progress.answers)}
    return not set(draft.progress.answers[question.id]) <= offered


def skip(draft: Draft, question: Question) -> None:
    """SALTAR: counted apart; a reopened question stays as it was."""
    if question.type is QuestionType.CONSENT:
        draft.say("SALTAR_NO")
        ask(draft, question)
        return
    if draft.progress.awaits == "other":
        _take_other(draft, question, Reply(text=""))
        return
    if draft.progress.reopened and question.id in draft.progress.answers:
        draft.move(reopened=False, marks=(), awaits="")
    else:
        skipped = (*(n for n in draft.progress.skipped if n != question.id), question.id)
        path = draft.progress.path
        draft.move(
            skipped=skipped,
            marks=(),
            awaits="",
            reopened=False,
            paused=False,
            path=path if question.id in path else (*path, question.id),
        )
        if question.store is Store.ANSWERS:
            draft.events.append(QuestionSkipped(question=question.id, version=question.version))
    go_on(draft)


def go_on(draft: Draft) -> None:
    """Ask what comes next, or end the part."""
    progress = draft.progress
    if progress.stage not in ASKING_STAGES:
        return
    part = Part.MORE if progress.stage is Stage.MORE else Part.CORE
    question = next_question(draft.bound, progress, part)
    if question is not None:
        draft.move(current=question.id, marks=(), awaits="", reopened=False)
        ask(draft, question)
    elif part is Part.CORE:
        _complete(draft)
    else:
        finish(draft)


def _complete(draft: Draft) -> None:
    """The core is done: the receipt, and the question whether there are three more minutes."""
    receipt = draft.progress.receipt or draft.context.receipt
    if not draft.progress.receipt:
        draft.events.append(Completed(receipt=receipt))
    draft.move(current=None, receipt=receipt)
    if draft.bound.receipt is not None:
        draft.say_text(draft.text_of(draft.bound.receipt).replace("{recibo}", receipt))
    if next_question(draft.bound, draft.progress, Part.MORE) is not None:
        draft.move(stage=Stage.MORE_OFFERED)
        draft.say("FALTAN_MAS")
        draft.offer("FALTAN_MAS", ("!more:yes", "SI"), ("!more:no", "AHORA_NO"))
    else:
        finish(draft, thanks=False)


def finish(draft: Draft, *, thanks: bool = True) -> None:
    """Everything is asked: thank, and offer another consultation if one fits."""
    draft.move(current=None, stage=Stage.DONE)
    if thanks:
        draft.say("GRACIAS_FIN")
    for offer in draft.bound.definition.offers:
        fits = offer.when is None or offer.when.holds(draft.progress.answers)
        if fits and offer.consultation not in draft.progress.offered:
            draft.move(stage=Stage.OFFERED, offered=(*draft.progress.offered, offer.consultation))
            draft.say_text(in_language(offer.text, draft.language))
            payload = f"!offer:{offer.consultation}"
            draft.offer("OFERTA", (payload, "SI"), ("!offer:no", "AHORA_NO"))
            return
    forget_words(draft)


def forget_words(draft: Draft) -> None:
    """After the end the session keeps codes for conditions and no words: those are records."""
    kept = {
        name: ("",) if draft.bound.by_id[name].type is QuestionType.TEXT else values
        for name, values in draft.progress.answers.items()
    }
    draft.move(answers=kept, other_texts={})


def _consent(draft: Draft, question: Question, code: str) -> None:
    choice = question.choice(code)
    meaning = choice.consent if choice else None
    if meaning is ConsentAnswer.DECLINE:
        draft.events.append(ConsentDeclined())
        draft.put(_emptied(draft.progress, Stage.DECLINED))
        draft.say("FIN_NO")
    elif meaning is ConsentAnswer.UNDER_AGE:
        leave_under_age(draft)
    else:
        age = draft.bound.instance.city.minimum_age_in(draft.session.country)
        shown = draft.text_of(question).replace("{edad_minima}", str(age))
        draft.events.append(
            ConsentGiven(
                question=question.id,
                version=question.version,
                language=draft.language,
                text_sha256=hashlib.sha256(shown.encode()).hexdigest(),
                age=age,
            )
        )
        answers = {**draft.progress.answers, question.id: (code,)}
        draft.move(stage=Stage.ASKING, age=age, answers=answers, marks=(), awaits="")
        tell_segments(draft)
        go_on(draft)


def leave_under_age(draft: Draft) -> None:
    """Too young: a kind end, counted, nothing kept."""
    age = draft.bound.instance.city.minimum_age_in(draft.session.country)
    had_answers = draft.progress.stage is not Stage.CONSENT
    draft.events.append(UnderAge())
    if had_answers:
        draft.requests.append(Erase())
    draft.put(_emptied(draft.progress, Stage.UNDER_AGE))
    draft.say("FIN_MENOR", edad_minima=age)


def _emptied(progress: Progress, stage: Stage) -> Progress:
    return Progress(version=progress.version, wave=progress.wave, seed=progress.seed, stage=stage)


def _must_confirm_age(draft: Draft, question: Question) -> bool:
    """A country told later may ask for a higher age than the one accepted."""
    if question.role is not Role.COUNTRY and question.type is not QuestionType.COUNTRY:
        return False
    country = draft.progress.answers.get(question.id, ("",))[0]
    needed = draft.bound.instance.city.minimum_age_in(country)
    draft.change_session(country=country or draft.session.country)
    if needed <= draft.progress.age:
        return False
    draft.move(awaits="age")
    draft.say("EDAD_CONFIRMA", edad_minima=needed)
    draft.offer("EDAD_CONFIRMA", ("!age:yes", "SI"), ("!age:no", "NO"))
    return True


def may_answer(bound: BoundConsultation, progress: Progress, question: Question) -> bool:
    """Whether a press for this question counts: the current one, or one still unanswered."""
    if progress.current == question.id:
        return True
    return (
        question.id in progress.path
        and question.id not in progress.answers
        and is_relevant(bound, question, progress)
    )
