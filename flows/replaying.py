"""A text that comes late takes its place: the turns after it are made again, as if it had not.

The platform's order of texts wins over their arrival (decision 0017). Pure: what came since is
given, `advance` is given, and what differs in the end comes back as one turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from flows.events import (
    AnswerCleared,
    AnswerJoin,
    AnswerRecorded,
    ConsentDeclined,
    ConsentGiven,
    ContactAnswered,
    Enter,
    Erase,
    Event,
    PermissionsChanged,
    QuestionSkipped,
    Request,
    SegmentsChanged,
    Started,
    UnderAge,
)
from flows.inbound import Arrived, Inbound, Said
from flows.messages import Message
from flows.session import Session, Turn, dump_session

Ids = TypeVar("Ids")
Answered = AnswerRecorded | QuestionSkipped | AnswerCleared
_ANSWERED = (AnswerRecorded, QuestionSkipped, AnswerCleared)
_STATES = (SegmentsChanged, PermissionsChanged)
_FOR_GOOD_EVENTS = (Started, ConsentGiven, ConsentDeclined, UnderAge, ContactAnswered)
_FOR_GOOD_REQUESTS = (Erase, Enter, AnswerJoin)


@dataclass(frozen=True, slots=True)
class Heard(Generic[Ids]):
    """An inbound that had its turn, with what the shell derived that turn from."""

    inbound: Inbound
    ids: Ids


WITHOUT_SEQUENCE = frozenset({"whatsapp"})
"""Channels whose message ids name a message and say nothing about what came first."""


def rank(channel: str, order: tuple[int, int]) -> tuple[int, int]:
    """What places a text among others; where ids do not count upwards a tie stays as it came."""
    return (order[0], 0) if channel in WITHOUT_SEQUENCE else order


def is_ordered(inbound: Inbound) -> bool:
    """Whether the platform gives this a place among the person's texts."""
    return isinstance(inbound.body, Said | Arrived) and inbound.order[1] != 0


def is_for_good(before: Session | None, turn: Turn) -> bool:
    """Whether a turn did what cannot be taken back: nothing goes in before it any more."""
    return (
        any(isinstance(event, _FOR_GOOD_EVENTS) for event in turn.events)
        or any(isinstance(request, _FOR_GOOD_REQUESTS) for request in turn.requests)
        or before is None
        or before.active != turn.session.active
    )


def answers_something(turn: Turn) -> bool:
    """Whether a turn changes an answer, or the consent to give any."""
    told = (*_ANSWERED, *_FOR_GOOD_EVENTS)
    return any(isinstance(event, told) for event in turn.events)


def put_in_place(
    advance: Callable[[Session | None, Inbound, Ids], Turn],
    base: Session | None,
    heard: Sequence[Heard[Ids]],
    late: Heard[Ids],
    now: Session,
) -> Turn | None:
    """The turn that brings the conversation to where it would be, had `late` come in time.

    `heard` came since `base`, in the order in which it counts. None: the way to `now` cannot
    be made again (another definition), or something that cannot be taken back hangs on it.
    """
    at = place_of(late.inbound, [one.inbound for one in heard])
    before = base
    for one in heard[:at]:
        before = advance(before, one.inbound, one.ids).session
    was = _turns(advance, before, heard[at:])
    if dump_session(was[-1].session) != dump_session(now):
        return None
    becomes = _turns(advance, before, (late, *heard[at:]))
    if _kinds(was) - _kinds(becomes):
        return None
    return Turn(
        session=becomes[-1].session,
        events=_differences(before, was, becomes),
        messages=_last_message(becomes),
        requests=_new_requests(was, becomes),
    )


def place_of(late: Inbound, heard: Sequence[Inbound]) -> int:
    """Before the first text of the channel that the platform puts later; else at the end."""
    place = rank(late.channel, late.order)
    for at, one in enumerate(heard):
        is_other = one.channel != late.channel or not is_ordered(one)
        if not is_other and rank(one.channel, one.order) > place:
            return at
    return len(heard)


def _turns(
    advance: Callable[[Session | None, Inbound, Ids], Turn],
    session: Session | None,
    heard: Sequence[Heard[Ids]],
) -> list[Turn]:
    turns = []
    for one in heard:
        turns.append(advance(session, one.inbound, one.ids))
        session = turns[-1].session
    return turns


def _kinds(turns: Sequence[Turn]) -> set[type]:
    """What must not get lost by going another way. A completion may: the rest is asked again."""
    return {type(e) for turn in turns for e in turn.events if isinstance(e, _STATES)}


def _differences(
    before: Session | None, was: Sequence[Turn], becomes: Sequence[Turn]
) -> tuple[Event, ...]:
    """What has to be written down so that the records say what `becomes` says."""
    if any(isinstance(r, Erase) for turn in becomes for r in turn.requests):
        return tuple(becomes[-1].events)
    old, new = _standing(was), _standing(becomes)
    changed: list[Event] = [event for key, event in new.items() if old.get(key) != event]
    changed += [_as_before(before, event) for key, event in old.items() if key not in new]
    others = [e for turn in becomes for e in turn.events if not isinstance(e, _ANSWERED)]
    told = [event for turn in was for event in turn.events]
    changed += [e for e in others if not isinstance(e, _STATES) and e not in told]
    for kind in _STATES:
        changed += [e for e in others if isinstance(e, kind)][-1:]
    return tuple(changed)


def _standing(turns: Sequence[Turn]) -> dict[tuple[str, int], Answered]:
    """The last word on each question."""
    return {
        (event.question, event.loop): event
        for turn in turns
        for event in turn.events
        if isinstance(event, _ANSWERED)
    }


def _as_before(before: Session | None, event: Answered) -> Answered:
    """The question as it stood before all this."""
    progress = before.progress.get(before.active) if before is not None else None
    name, version, loop = event.question, event.version, event.loop
    if progress is not None and name in progress.answers:
        values, other = progress.answers[name], progress.other_texts.get(name, "")
        return AnswerRecorded(
            question=name, version=version, values=values, other_text=other, loop=loop
        )
    if progress is not None and name in progress.skipped:
        return QuestionSkipped(question=name, version=version, loop=loop)
    return AnswerCleared(question=name, version=version, loop=loop)


def _last_message(turns: Sequence[Turn]) -> tuple[Message, ...]:
    """Where the conversation stands now, as a message of its own."""
    said = [message for turn in turns for message in turn.messages]
    return tuple(replace(message, replaces_last=False) for message in said[-1:])


def _new_requests(was: Sequence[Turn], becomes: Sequence[Turn]) -> tuple[Request, ...]:
    """What is asked of the shell that it has not done already."""
    done = {type(request) for turn in was for request in turn.requests}
    return tuple(r for turn in becomes for r in turn.requests if type(r) not in done)
