"""The cut: which moment is read, and the answers and responses as they stood then.

One definition of "the answers at the cut" and of "the valid responses at the cut" (RC1), as
common table expressions with linked participants resolved (RC15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Connection, and_, case, func, select

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


def _person(table: Any) -> tuple[Any, ColumnElement[int]]:
    """The table joined to the links, and the kept participant of each row (RC15)."""
    link = t.participant_link.c
    joined = table.outerjoin(
        t.participant_link,
        and_(link.bucket == table.c.bucket, link.absorbed == table.c.participant),
    )
    return joined, func.coalesce(link.kept, table.c.participant)


def answers_at(cut: Cut) -> CTE:
    """The last revision before the cut of every answer, cleared ones left out."""
    a = t.answer.c
    joined, person = _person(t.answer)
    place = func.row_number().over(
        partition_by=[person, a.wave, a.question, a.loop],
        order_by=[a.answered_at.desc(), a.revision.desc()],
    )
    wanted = [a.consultation == cut.consultation, a.answered_at < cut.as_of]
    if cut.wave is not None:
        wanted.append(a.wave == cut.wave)
    ordered = (
        select(
            person.label("person"),
            a.participant,
            a.wave,
            a.question,
            a.loop,
            a.question_version.label("version"),
            a.kind,
            a.value,
            a.other_text,
            a.answered_at,
            place.label("place"),
        )
        .select_from(joined)
        .where(*wanted)
        .cte("ordered")
    )
    o = ordered.c
    columns = [column for column in o if column.name != "place"]
    return select(*columns).where(o.place == 1, o.kind != "cleared").cte("answers")


def responses_at(cut: Cut) -> CTE:
    """One row per person and wave that had begun before the cut; of linked ones the later."""
    r = t.response.c
    joined, person = _person(t.response)
    place = func.row_number().over(
        partition_by=[person, r.wave],
        order_by=[case((r.state == "accepted", 0), else_=1), r.started_at.desc()],
    )
    wanted = [r.consultation == cut.consultation, r.started_at < cut.as_of]
    if cut.wave is not None:
        wanted.append(r.wave == cut.wave)
    ordered = (
        select(
            person.label("person"),
            r.wave,
            r.state,
            r.started_at,
            r.completed_at,
            *[r[name] for name in SEGMENTS],
            r.area,
            place.label("place"),
        )
        .select_from(joined)
        .where(*wanted)
        .subquery()
    )
    return select(ordered).where(ordered.c.place == 1).cte("responses")


def valid_responses(responses: CTE, answers: CTE, substantive: list[str]) -> CTE:
    """Valid responses (RC1): accepted, with at least one substantive answer given."""
    r = responses
    answered = (
        select(answers.c.person, answers.c.wave)
        .distinct()
        .where(answers.c.kind == "given", answers.c.question.in_(substantive))
        .subquery()
    )
    columns = [column for column in r.c if column.name not in ("place", "state")]
    return (
        select(*columns)
        .join(answered, and_(answered.c.person == r.c.person, answered.c.wave == r.c.wave))
        .where(r.c.state == "accepted")
        .cte("valid")
    )


def codes(value: str) -> tuple[str, ...]:
    """The codes of a kept value; nothing chosen is the empty tuple of an unmarked screen."""
    return tuple(value.split("|"))
