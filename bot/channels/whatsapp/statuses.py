"""What became of a message, and what follows when Meta took it and then could not deliver it."""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from bot.channels.whatsapp.errors import Verdict, error_of, judge
from bot.errors import OptedOut, RecipientGone, Throttled
from bot.pace import SECOND
from storage.dispatches import Failure, Status, record_status
from storage.keys import KeyRing
from storage.outbox import mark_failed, mark_retry
from storage.participants import set_state_of, silence

log = logging.getLogger(__name__)


def write_status(
    connection: Connection, keys: KeyRing, status: Status, now: int
) -> Failure | None:
    """Record a status; act once on a failure, however often it is told. Returns the failure."""
    failure = record_status(connection, keys, "whatsapp", status)
    if failure is not None:
        _act(connection, failure, now)
    return failure


def _act(connection: Connection, failure: Failure, now: int) -> None:
    """The same table decides as for a call that Meta refused."""
    verdict = judge(failure.code)
    if verdict is Verdict.WINDOW:  # the next try finds the window closed and takes another way
        verdict = Verdict.PERSON
    problem = error_of(verdict, failure.attempts)
    log.info("not_delivered", extra={"channel": "whatsapp", "problem": problem.code})
    if isinstance(problem, RecipientGone):
        set_state_of(connection, failure.participant, "whatsapp", "gone")
    if isinstance(problem, OptedOut):
        silence(connection, failure.participant, now)
    most = problem.most_attempts or 10
    if isinstance(problem, Throttled) and failure.attempts + 1 < most:
        wait = int(problem.retry_after_s * SECOND)
        mark_retry(connection, failure.outbox_id, due_at=now + wait, problem=problem.code)
    else:
        mark_failed(connection, failure.outbox_id, problem.code)
