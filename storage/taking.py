"""One turn of one person: as it comes, or in the place that the platform gives it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from flows.inbound import Edited, Inbound, JoinAsked, Missed
from flows.replaying import (
    Heard,
    answers_something,
    is_for_good,
    is_ordered,
    place_of,
    put_in_place,
    rank,
)
from flows.session import Session, Turn
from storage import recent as kept
from storage.turns import Advance, TurnIds

log = logging.getLogger(__name__)

TRIES = 3


class TurnFailed(Exception):
    """The conversation could not take an update; names the error's type and nothing else."""


class Ignored(Exception):
    """An update changes nothing; names the reason."""


@dataclass(frozen=True, slots=True)
class Known:
    """Where a conversation stands, and what came last in it."""

    session: Session | None = None
    version: int = 0
    recent: bytes = b""


def take(advance: Advance, known: Known, inbound: Inbound, ids: TurnIds) -> tuple[Turn, bytes]:
    """The turn, and what came last after it. Raises TurnFailed or Ignored."""
    session, recent = known.session, known.recent
    place = rank(inbound.channel, inbound.order)
    if is_ordered(inbound) and place < kept.last_order(recent, inbound.channel):
        return _take_late(advance, known, inbound, ids)
    turn = _advance(advance, session, inbound, ids)
    if is_for_good(session, turn):
        return turn, kept.begin(turn.session, recent, inbound)
    return turn, kept.append(recent, session, inbound, ids)


def _take_late(
    advance: Advance, known: Known, inbound: Inbound, ids: TurnIds
) -> tuple[Turn, bytes]:
    """A text that the platform puts before others that had their turn (decision 0017).

    Where it can no longer be put in its place it answers nothing; a keyword is still heard.
    """
    session, recent = known.session, known.recent
    assert session is not None
    found = kept.since(recent, inbound, ids.participant)
    if found is not None:
        base, heard = found
        turn = _in_place(advance, base, heard, Heard(inbound, ids), session)
        if turn is not None and is_for_good(session, turn):
            return turn, kept.begin(turn.session, recent, inbound)
        if turn is not None:
            at = place_of(inbound, [one.inbound for one in heard])
            return turn, kept.inserted(recent, at, inbound, ids)
    turn = _advance(advance, session, inbound, ids)
    if answers_something(turn):
        raise Ignored("late")
    return turn, kept.append(recent, session, replace(inbound, order=(0, 0)), ids)


def _in_place(
    advance: Advance,
    base: Session | None,
    heard: list[Heard[TurnIds]],
    late: Heard[TurnIds],
    session: Session,
) -> Turn | None:
    try:
        return put_in_place(advance, base, heard, late, session)
    except Exception as problem:  # noqa: BLE001 - then the text is taken by itself
        log.warning("turn_failed", extra={"problem": type(problem).__name__})
        return None


def _advance(advance: Advance, session: Session | None, inbound: Inbound, ids: TurnIds) -> Turn:
    """The turn. Raises TurnFailed after three tries."""
    name = ""
    for _ in range(TRIES):
        try:
            return advance(session, inbound, ids)
        except Exception as problem:  # noqa: BLE001 - one bad update stops no batch
            name = type(problem).__name__
            log.warning("turn_failed", extra={"problem": name})
    raise TurnFailed(name)


def why_nothing(inbound: Inbound) -> str:
    """Why a turn said and changed nothing."""
    match inbound.body:
        case Edited():
            return "nothing_to_mend"
        case Missed():
            return "nothing_pending"
        case JoinAsked():
            return "nobody_to_ask"
        case _:
            return "no_effect"
