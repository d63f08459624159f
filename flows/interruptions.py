"""What breaks into a conversation: an edit, a gap, another channel, the end of a wave."""

from __future__ import annotations

from flows.answering import record
from flows.asking import asked
from flows.binding import in_words
from flows.commands import ask_again
from flows.draft import Draft
from flows.events import AnswerJoin
from flows.questions import READERS
from flows.questions.reading import Reply, Taken
from flows.session import FRESH, Stage
from flows.waves import last_closed, next_to_open
from flows.weeks import moment


def edited(draft: Draft, text: str) -> None:
    """The last typed answer may be mended by editing it; any other edit changes nothing."""
    if not draft.has_progress or draft.progress.stage in FRESH:
        return
    draft.say("EDITADO_OK" if _mend(draft, text) else "EDITADO_NO")
    ask_again(draft)


def _mend(draft: Draft, text: str) -> bool:
    """Take the new words; False when the message was not the last answer, or is none now."""
    name, message_id = draft.progress.typed
    question = draft.bound.by_id.get(name)
    is_last = message_id != 0 and message_id == draft.inbound.order[1]
    if question is None or not is_last or draft.progress.receipt:
        return False
    reading = READERS[question.type](asked(draft, question), Reply(text=text))
    if not isinstance(reading, Taken):
        return False
    record(draft, question, reading.values, reading.other_text)
    return True


def missed(draft: Draft) -> None:
    """Ask the pending question again, if there is one and the person did not pause."""
    waits = draft.has_progress and draft.progress.stage not in (*FRESH, Stage.DONE)
    if waits and draft.is_open and not draft.progress.paused:
        draft.say("AUSENCIA")
        ask_again(draft)


def join_asked(draft: Draft) -> None:
    """Ask whether the other channel is theirs; only they can say so."""
    if not draft.has_progress or draft.progress.stage in FRESH:
        return
    draft.move(awaits="join")
    draft.say("UNIR_CONFIRMA")
    draft.offer("UNIR_CONFIRMA", ("!join:yes", "SI"), ("!join:no", "NO"))


def join_answered(draft: Draft, *, accepts: bool) -> None:
    """The answer to that; then whatever was pending comes again."""
    draft.move(awaits="")
    draft.requests.append(AnswerJoin(accepts=accepts))
    draft.say("UNIR_OK" if accepts else "UNIR_NO")
    ask_again(draft)


def closed(draft: Draft) -> None:
    """No answer counts now: it has closed, or has not opened yet."""
    now, periods = draft.context.now, draft.context.periods
    coming = next_to_open(periods, now)
    if coming is not None and last_closed(periods, now) is None:
        opens = moment(coming.opens_at, draft.bound.instance.city.time_zone).date()
        draft.say("AUN_NO_ABRE", fecha_apertura=in_words(opens, draft.language))
    else:
        draft.say("CERRADA")
