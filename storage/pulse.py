"""How many answers came lately, for noticing what is out of the ordinary."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from flows.consultation import Consultation
from storage import tables as t

HOUR = 3_600_000_000
WEEK = 7 * 24 * HOUR


def answers_lately(connection: Connection, consultation: str, now: int) -> tuple[int, int]:
    """(answers of the last hour, answers of the week before that hour)."""
    c = t.answer.c
    given = select(func.count()).where(c.consultation == consultation, c.kind == "given")
    last = connection.scalar(given.where(c.answered_at > now - HOUR)) or 0
    before = connection.scalar(
        given.where(c.answered_at > now - HOUR - WEEK, c.answered_at <= now - HOUR)
    )
    return last, before or 0


def busiest_hour(
    connection: Connection, definition: Consultation, start: int, end: int
) -> tuple[int, int]:
    """Answers given in the busiest hour of a stretch of time, and in all its other hours."""
    c = t.answer.c
    by_hour = (
        select(func.count())
        .where(
            c.consultation == definition.id,
            c.question.in_([q.id for q in definition.questions]),
            c.kind == "given",
            c.answered_at >= start,
            c.answered_at < end,
        )
        .group_by(c.answered_at - c.answered_at % HOUR)
    )
    counts = list(connection.scalars(by_hour))
    most = max(counts, default=0)
    return most, sum(counts) - most
