"""One turn: `advance(consultation, session, inbound, context) -> Turn`. Pure and total.

The same arguments give the same turn, byte for byte, and no inbound raises: an odd reply is
an event and a kind message. Here an inbound finds its way to a keyword (`flows.commands`), to
a question that the conversation itself asked, or to the question at hand (`flows.answering`).
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from flows import limits
from flows.answering import (
    answer,
    finish,
    go_on,
    leave_under_age,
    may_answer,
    take,
    tell_segments,
)
from flows.asking import ask
from flows.binding import BoundConsultation, in_words
from flows.changing import change, withdraw
from flows.cleaning import clean_text, fold
from flows.commands import COMMANDS, WHEN_CLOSED, ask_again, pending, reopen
from flows.draft import Draft
from flows.events import AnswerRejected, Enter, LanguageChosen, Started
from flows.inbound import (
    Arrived,
    Changed,
    Edited,
    Inbound,
    JoinAsked,
    Missed,
    Pressed,
    ReceiptGiven,
    Said,
    Unsupported,
    Withdrew,
)
from flows.interruptions import closed, edited, join_answered, join_asked, missed
from flows.keywords import (
    find_keyword,
    find_language,
    find_listed_language,
    find_source,
)
from flows.languages import closest_language, region_of
from flows.questions.reading import Reply
from flows.recap import reopenable
from flows.session import FRESH, Context, Progress, Session, Stage, Turn
from flows.weeks import moment

DAY = 86_400_000_000


def advance(
    consultation: BoundConsultation, session: Session | None, inbound: Inbound, context: Context
) -> Turn:
    """Everything that one inbound causes.

    `session` is None for somebody new. `context.wave` is the number of the open wave, or None
    when the consultation is closed.
    """
    draft = Draft(consultation, _session(consultation, session, inbound), inbound, context)
    if _is_over_limit(draft):
        draft.say("LIMITE_TURNOS")
        return draft.turn()
    body = inbound.body
    match body:
        case Said(text=text):
            _said(draft, clean_text(text).strip())
        case Pressed(payload=payload):
            _pressed(draft, clean_text(payload, limits.PAYLOAD_BYTES))
        case Arrived():
            _arrived(draft, body)
        case Unsupported():
            _unsupported(draft)
        case _:
            _beside_the_chat(draft, body)
    return draft.turn()


def _beside_the_chat(
    draft: Draft, body: Changed | Withdrew | Edited | Missed | ReceiptGiven | JoinAsked
) -> None:
    """What is no message to us: the page of one's answers, an edit, a gap in the service."""
    match body:
        case Changed():
            change(draft, body)
        case Withdrew():
            withdraw(draft)
        case Edited() if draft.has_progress and not draft.is_open:
            closed(draft)
        case Edited(text=text):
            edited(draft, clean_text(text).strip())
        case Missed():
            missed(draft)
        case ReceiptGiven():
            draft.say("UNIR_PEDIDO")
        case JoinAsked():
            join_asked(draft)
        case _:
            assert_never(body)


def _session(
    consultation: BoundConsultation, session: Session | None, inbound: Inbound
) -> Session:
    if session is not None:
        return session
    offered = consultation.offered_languages
    language = closest_language(inbound.language, offered) or offered[0]
    return Session(
        language=language, country=inbound.country or "", region=region_of(inbound.language)
    )


def _is_over_limit(draft: Draft) -> bool:
    """Count the turns of the day; a person never reaches the limit by answering."""
    today = draft.context.now // DAY
    turns = draft.session.turns + 1 if draft.session.day == today else 1
    draft.change_session(day=today, turns=turns)
    return turns > limits.TURNS_PER_DAY


def _start(draft: Draft, source: str = "") -> None:
    """Begin, or begin anew: the consent is the first thing anybody sees.

    A new wave is a new response of the same person; how they came to the last one is not how
    they came to this one.
    """
    consultation = draft.bound.definition
    if draft.context.wave is None:
        closed(draft)
        return
    earlier = "" if draft.is_here else draft.session.source
    draft.change_session(active=consultation.id, source=source or earlier)
    draft.put(
        Progress(
            version=consultation.version,
            wave=draft.context.wave,
            seed=draft.context.seed,
            current=consultation.questions[0].id,
        )
    )
    draft.events.append(Started(source=draft.session.source))
    ask(draft, consultation.questions[0])


def _not_open(draft: Draft) -> None:
    """An answer to a wave that has closed: the next one begins if it is open already."""
    if draft.context.wave is None:
        closed(draft)
        return
    draft.say("OTRA_OLA")
    _start(draft)


def _arrived(draft: Draft, body: Arrived) -> None:
    source = clean_text(body.source, limits.SOURCE_CHARS)
    if draft.is_here and draft.is_open:
        COMMANDS["participar"](draft)
    else:
        _start(draft, source)


def _said(draft: Draft, text: str) -> None:
    source = find_source(text, draft.bound.keywords)
    keyword = find_keyword(text, draft.bound.keywords)
    if not draft.has_progress or (
        draft.progress.stage in FRESH and keyword in (None, "participar")
    ):
        _arrived(draft, Arrived(source=source or ""))
        return
    if source is not None and keyword in (None, "participar"):
        _arrived(draft, Arrived(source=source))
    elif keyword is not None:
        _keyword(draft, keyword, text)
    elif (code := find_language(text, draft.bound.offered_languages)) is not None:
        _choose_language(draft, code)
    elif not draft.is_open:
        _not_open(draft)
    elif draft.progress.awaits and _answered_ourselves(draft, text):
        return
    else:
        _typed(draft, text)


def _keyword(draft: Draft, keyword: str, text: str) -> None:
    if draft.progress.stage in FRESH and keyword not in WHEN_CLOSED:
        _start(draft)
    elif not draft.is_open and keyword not in WHEN_CLOSED:
        _not_open(draft)
    elif draft.progress.stage is Stage.CONSENT and keyword == "no_se":
        _typed(draft, text)
    else:
        COMMANDS[keyword](draft)


def _typed(draft: Draft, text: str) -> None:
    """Typed words for the question at hand, or for what the conversation offered."""
    question = pending(draft)
    if question is not None:
        draft.move(awaits="other" if draft.progress.awaits == "other" else "")
        answer(draft, question, Reply(text=text))
        return
    pairs = {Stage.MORE_OFFERED: ("!more:yes", "!more:no")}
    if draft.progress.stage is Stage.OFFERED:
        pairs[Stage.OFFERED] = (f"!offer:{draft.progress.offered[-1]}", "!offer:no")
    yes_no = _yes_or_no(draft, text, "AHORA_NO")
    if draft.progress.stage in pairs and yes_no is not None:
        _own_press(draft, pairs[draft.progress.stage][0 if yes_no else 1])
    elif draft.progress.stage is Stage.DONE:
        draft.say("YA_TERMINO")
    else:
        draft.events.append(AnswerRejected(question="", reason="no_such_choice"))
        draft.say("NO_ENTENDI")
        ask_again(draft)


def _yes_or_no(draft: Draft, text: str, no: str = "NO") -> bool | None:
    """A typed yes or no, by word in any language or by number."""
    wanted = fold(text)
    words = draft.bound.instance.words.strings
    if wanted == "1" or wanted in {fold(word) for word in words["SI"].values()}:
        return True
    nos = {fold(word) for code in ("NO", no) for word in words[code].values()}
    return False if wanted == "2" or wanted in nos else None


def _answered_ourselves(draft: Draft, text: str) -> bool:
    """A typed answer to one of the conversation's own questions. False: not one."""
    awaits = draft.progress.awaits
    if awaits == "language":
        code = find_listed_language(text, draft.bound.offered_languages)
        if code is None:
            return False
        _own_press(draft, f"!lang:{code}")
        return True
    if awaits == "edit" and fold(text).isdigit():
        listed = reopenable(draft)
        number = int(fold(text)[:4])
        if not 1 <= number <= len(listed):
            return False
        _own_press(draft, f"!edit:{listed[number - 1]}")
        return True
    name = awaits.partition(":")[0]
    yes_no = _yes_or_no(draft, text) if name in ("erase", "age", "country", "join") else None
    if yes_no is None:
        return False
    _own_press(draft, f"!{name}:{'yes' if yes_no else 'no'}")
    return True


def _pressed(draft: Draft, payload: str) -> None:
    if not draft.has_progress:
        _start(draft)
        return
    if payload.startswith("!"):
        _own_press(draft, payload)
        return
    if not draft.is_open:
        _not_open(draft)
        return
    name, _, code = payload.partition(":")
    question = draft.bound.by_id.get(name)
    if (
        question is None
        or not draft.is_here
        or not may_answer(draft.bound, draft.progress, question)
    ):
        _old_button(draft)
        return
    if draft.progress.current != question.id:
        draft.move(current=question.id, marks=(), awaits="")
    elif draft.progress.awaits == "other":
        draft.move(awaits="")
    answer(draft, question, Reply(pressed=code))


def _old_button(draft: Draft) -> None:
    draft.events.append(AnswerRejected(question="", reason="old_button"))
    draft.say("BOTON_VIEJO")


def _own_press(draft: Draft, payload: str) -> None:
    """A button of the conversation itself: `!more:yes`, `!lang:pt`, `!erase:yes`…"""
    name, _, value = payload.removeprefix("!").partition(":")
    if name == "lang" and value in draft.bound.definition.languages:
        _choose_language(draft, value)
    elif name == "erase" and draft.progress.awaits == "erase":
        _erase(draft) if value == "yes" else _keep(draft)
    elif name == "join" and draft.progress.awaits == "join":
        join_answered(draft, accepts=value == "yes")
    elif name == "go":
        _arrived(draft, Arrived(source=value.partition(":")[2]))
    elif not draft.is_open:
        _not_open(draft)
    else:
        _open_press(draft, name, value)


def _open_press(draft: Draft, name: str, value: str) -> None:
    """A button that works only while the wave is open."""
    stage, awaits = draft.progress.stage, draft.progress.awaits
    if name == "more" and stage is Stage.MORE_OFFERED:
        _more(draft, value)
    elif name == "offer" and stage in (Stage.OFFERED, Stage.DONE) and draft.progress.offered:
        _offered(draft, value)
    elif name == "edit" and value in draft.progress.answers and not draft.progress.receipt:
        reopen(draft, draft.bound.by_id[value])
    elif name == "age" and awaits == "age":
        _age(draft, value)
    elif name == "country" and awaits.startswith("country:"):
        _country(draft, value, awaits.partition(":")[2])
    else:
        _old_button(draft)


def _choose_language(draft: Draft, code: str) -> None:
    draft.change_session(language=code, language_chosen=True)
    draft.move(awaits="")
    draft.events.append(LanguageChosen(language=code))
    if draft.progress.stage not in (*FRESH, Stage.CONSENT):
        tell_segments(draft)
    draft.say("IDIOMA_OK")
    ask_again(draft)


def _erase(draft: Draft) -> None:
    withdraw(draft)
    today = in_words(_day(draft), draft.language)
    draft.say("BORRAR_OK", fecha=today)


def _day(draft: Draft) -> date:
    return moment(draft.context.now, draft.bound.instance.city.time_zone).date()


def _keep(draft: Draft) -> None:
    draft.move(awaits="")
    draft.say("BORRAR_NO")
    ask_again(draft)


def _more(draft: Draft, value: str) -> None:
    if value == "yes":
        draft.move(stage=Stage.MORE)
        go_on(draft)
    else:
        finish(draft)


def _offered(draft: Draft, value: str) -> None:
    draft.move(stage=Stage.DONE)
    if value in draft.progress.offered:
        draft.requests.append(Enter(consultation=value))
    else:
        draft.say("GRACIAS_FIN")


def _age(draft: Draft, value: str) -> None:
    if value == "yes":
        needed = draft.bound.instance.city.minimum_age_in(draft.session.country)
        draft.move(awaits="", age=needed)
        go_on(draft)
    else:
        leave_under_age(draft)


def _country(draft: Draft, value: str, code: str) -> None:
    question = pending(draft)
    draft.move(awaits="")
    if question is None:
        _old_button(draft)
    elif value == "yes":
        take(draft, question, (code,))
    else:
        ask(draft, question)


def _unsupported(draft: Draft) -> None:
    if not draft.has_progress:
        _start(draft)
        return
    draft.events.append(AnswerRejected(question=draft.progress.current or "", reason="no_text"))
    draft.say("NO_TEXTO")
    ask_again(draft)
