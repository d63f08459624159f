"""The cut: which moment is read, of which consultation and wave."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from flows.consultation import Consultation
from flows.weeks import week_bounds, week_of
from storage import tables as t

SEGMENTS = ("residence", "country", "sector", "actor_type", "language", "channel", "source")
HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which answers are asked for: a wave or all, up to a week or up to a moment.

    `as_of` (UTC microseconds, exclusive) cuts inside the week. `since`: the last publication;
    what came after it is fresh. `variables`: what known margins count, for weights.
    """

    wave: int | None = None
    week: str | None = None
    as_of: int | None = None
    since: int = 0
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """What is read: a consultation, a wave or all, up to a moment; and its week."""

    consultation: str
    wave: int | None
    week: str
    week_start: int
    as_of: int
    is_running: bool
    since: int = 0


def find_cut(
    connection: Connection, *, consultation: str, which: Which, zone: ZoneInfo, now: int
) -> Cut:
    """The cut for a week; without one the last closed week, or the running one if first."""
    if which.as_of is not None:
        chosen = week_of(which.as_of - 1, zone)
        start, end = week_bounds(chosen, zone)
        return Cut(consultation, which.wave, chosen, start, which.as_of, end > which.as_of,
                   which.since)  # fmt: skip
    running = week_of(now, zone)
    chosen = which.week or week_of(week_bounds(running, zone)[0] - HOUR, zone)
    if which.week is None:
        c = t.response.c
        first = connection.scalar(
            select(func.min(c.started_at)).where(c.consultation == consultation)
        )
        if first is None or first >= week_bounds(chosen, zone)[1]:
            chosen = running
    start, end = week_bounds(chosen, zone)
    return Cut(consultation, which.wave, chosen, start, min(end, now + 1), end > now,
               which.since)  # fmt: skip


def substantive_ids(definition: Consultation) -> list[str]:
    """The questions that make a response valid (RC1)."""
    return [q.id for q in definition.questions if q.is_substantive]


def codes(value: str) -> tuple[str, ...]:
    """The codes of a kept value; nothing chosen is the empty tuple of an unmarked screen."""
    return tuple(value.split("|"))
