"""`tertulia verify`: counts and computes everything anew, and names each row that does not fit.

The checks are in `storage.checks_of_updates` and `storage.checks_of_answers`. They name
participants by their pseudonym and quote no answer, address or text. What they cannot see: a row
of `ticket`, `join_request`, `answers_link`, `done_once`, `channel_state`, `sent_purpose`,
`official` or `enrolment` that was deleted or changed by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from storage import tables as t
from storage.account_tables import accepted_count
from storage.account_tables import ledger as ledger_table
from storage.checks_of_answers import ANSWER_CHECKS
from storage.checks_of_updates import UPDATE_CHECKS
from storage.heads import broken_heads, last_head
from storage.keys import KeyRing
from storage.ledger import broken_links
from storage.outbox import count_by_state


@dataclass(frozen=True, slots=True)
class Problem:
    """A row or a sum that does not fit: the table, and one sentence."""

    where: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything that was counted, and what does not fit.

    `ignored` is by reason, of the updates whose ids are still kept. `head` is (day, hash) of the
    last daily head.
    """

    accepted: int
    applied: int
    ignored: int
    quarantined: int
    reasons: dict[str, int]
    outbox: dict[str, int]
    links: int
    head: tuple[str, str] | None
    problems: tuple[Problem, ...]

    @property
    def is_good(self) -> bool:
        """Whether everything fits."""
        return not self.problems


MOST_PROBLEMS = 1_000
"""A file that is broken through and through need not be told row by row."""


def verify(connection: Connection, keys: KeyRing, now: int) -> Verdict:
    """Check everything, in one state of the records. `now` says what may be forgotten."""
    connection.exec_driver_sql("BEGIN")
    problems = []
    for problem in _problems(connection, keys, now):
        problems.append(problem)
        if len(problems) == MOST_PROBLEMS:
            break
    c, inbox = accepted_count.c, t.inbox.c
    ended = {
        row[0]: int(row[1])
        for row in connection.execute(select(c.outcome, func.sum(c.n)).group_by(c.outcome))
    }
    reasons = connection.execute(
        select(inbox.reason, func.count()).where(inbox.reason != "").group_by(inbox.reason)
    )
    head = last_head(connection)
    return Verdict(
        accepted=sum(ended.values()),
        applied=ended.get("applied", 0),
        ignored=ended.get("ignored", 0),
        quarantined=ended.get("quarantined", 0),
        reasons={row[0]: row[1] for row in reasons},
        outbox=count_by_state(connection),
        links=connection.scalar(select(func.count()).select_from(ledger_table)) or 0,
        head=head[:2] if head is not None else None,
        problems=tuple(problems),
    )


def _problems(connection: Connection, keys: KeyRing, now: int) -> Iterator[Problem]:
    yield from (Problem("file", says) for says in _file(connection))
    yield from (
        Problem("ledger", f"bucket {bucket}, link {seq}: it does not fit the one before.")
        for bucket, seq in broken_links(connection)
    )
    yield from (
        Problem("daily_head", f"{day}: the chains are not what they were that day.")
        for day in broken_heads(connection)
    )
    checks: tuple[tuple[str, Callable[..., Iterator[str]]], ...] = UPDATE_CHECKS + ANSWER_CHECKS
    for where, check in checks:
        yield from (Problem(where, says) for says in check(connection, keys=keys, now=now))


def _file(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds wrong."""
    for (says,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
        if says != "ok":
            yield str(says)
    row: Any
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{row[0]}: a row refers to a row of {row[2]} that is not there."
