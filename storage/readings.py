"""Fills the tables that reports read: everything said up to a cut, grouped in SQL.

One definition of "the answers at the cut" and of "the valid responses at the cut" (RC1), both
as common table expressions with linked participants resolved (RC15); every table is one
grouping over the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from flows.consultation import Consultation, QuestionType, Role
from flows.readings import (
    AnswerTable,
    PairTable,
    PanelTable,
    PersonTable,
    ReachTable,
    Readings,
    ResponseTable,
    Segments,
)
from flows.weeks import week_bounds, week_of
from storage import tables as t
from storage.replies import list_replies
from storage.texts import fingerprint, read_texts

SEGMENTS = ("residence", "country", "sector", "actor_type", "language", "channel", "source")
HOUR = 3_600_000_000
VALUE_TYPES = frozenset(
    {
        QuestionType.SINGLE,
        QuestionType.MULTI,
        QuestionType.RANK,
        QuestionType.SCALE,
        QuestionType.COUNTRY,
        QuestionType.LOCAL_AREA,
    }
)
"""Types whose values are codes; the words of the others stay in `texts`."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is read: a consultation, a wave or all, up to a moment; and its week."""

    consultation: str
    wave: int | None
    week: str
    week_start: int
    as_of: int
    is_running: bool


def find_cut(
    connection: Connection,
    *,
    consultation: str,
    wave: int | None,
    week: str | None,
    zone: ZoneInfo,
    now: int,
) -> Cut:
    """The cut for a week; without one the last closed week, or the running one if first."""
    running = week_of(now, zone)
    chosen = week or week_of(week_bounds(running, zone)[0] - HOUR, zone)
    if week is None:
        c = t.response.c
        first = connection.scalar(
            select(func.min(c.started_at)).where(c.consultation == consultation)
        )
        if first is None or first >= week_bounds(chosen, zone)[1]:
            chosen = running
    start, end = week_bounds(chosen, zone)
    return Cut(consultation, wave, chosen, start, min(end, now + 1), end > now)


def read_consultation(
    connection: Connection,
    *,
    definition: Consultation,
    wave: int | None,
    week: str | None,
    zone: ZoneInfo,
    now: int,
) -> Readings:
    """Everything a summary of the consultation is made from."""
    cut = find_cut(
        connection, consultation=definition.id, wave=wave, week=week, zone=zone, now=now
    )
    reader = _Reader(connection, definition, cut)
    return Readings(
        consultation=definition.id,
        wave=wave,
        week=cut.week,
        week_start=cut.week_start,
        as_of=cut.as_of,
        is_running=cut.is_running,
        fingerprint=fingerprint(connection, reader.answers, cut.as_of),
        responses=reader.response_table(),
        persons=reader.person_table(),
        answers=reader.answer_table(),
        reach=reader.reach_table(),
        theme_support=reader.theme_support(),
        panel=reader.panel_table(),
        order={q.id: at for at, q in enumerate(definition.questions)},
        texts=read_texts(connection, definition, reader.answers, reader.valid),
        withdrawn=reader.withdrawn(),
        replies=list_replies(connection, definition.id, cut.as_of),
        asked_results=reader.asked_results(),
    )


class _Reader:
    """The two common expressions and the groupings over them."""

    def __init__(self, connection: Connection, definition: Consultation, cut: Cut) -> None:
        self.connection = connection
        self.definition = definition
        self.cut = cut
        self.answers = _answers_at(cut)
        self.responses = _responses_at(cut)
        self.valid = _valid(self.responses, self.answers, _substantive(definition))

    def response_table(self) -> ResponseTable:
        """Responses by wave, state and segments."""
        r = self.responses.c
        v = self.valid.c
        state = case(
            (r.state.in_(("declined", "under_age")), r.state),
            (v.person.is_(None), "empty"),
            (r.completed_at < self.cut.as_of, "complete"),
            else_="partial",
        )
        is_new = case((r.started_at >= self.cut.week_start, 1), else_=0)
        segments = [r[name] for name in SEGMENTS]
        rows = self.connection.execute(
            select(r.wave, state, *segments, func.count(), func.sum(is_new))
            .select_from(self.responses)
            .outerjoin(self.valid, and_(v.person == r.person, v.wave == r.wave))
            .group_by(r.wave, state, *segments)
            .order_by(r.wave, state, *segments)
        )
        table = ResponseTable()
        for wave, name, *rest in rows:
            table.wave.append(wave)
            table.state.append(name)
            table.segments.append(Segments(*rest[:7]))
            table.n.append(rest[7])
            table.new.append(rest[8])
        return table

    def person_table(self) -> PersonTable:
        """Distinct people over the waves they took part in."""
        v = self.valid.c
        last = func.row_number().over(partition_by=v.person, order_by=v.wave.desc())
        mask = func.sum(literal(1).bitwise_lshift(v.wave)).over(partition_by=v.person)
        first = func.min(v.started_at).over(partition_by=v.person)
        people = select(
            *[v[name] for name in SEGMENTS],
            mask.label("mask"),
            last.label("place"),
            first.label("first"),
        ).subquery()
        p = people.c
        segments = [p[name] for name in SEGMENTS]
        is_new = case((p.first >= self.cut.week_start, 1), else_=0)
        rows = self.connection.execute(
            select(p.mask, *segments, func.count(), func.sum(is_new))
            .where(p.place == 1)
            .group_by(p.mask, *segments)
            .order_by(p.mask, *segments)
        )
        table = PersonTable()
        for bits, *rest in rows:
            table.waves.append(tuple(n for n in range(62) if bits >> n & 1))
            table.segments.append(Segments(*rest[:7]))
            table.n.append(rest[7])
            table.new.append(rest[8])
        return table

    def answer_table(self) -> AnswerTable:
        """Answers of valid responses by question, version, wave, value and segments."""
        a, v = self.answers.c, self.valid.c
        coded = [q.id for q in self.definition.questions if q.type in VALUE_TYPES]
        value = case((a.question.in_(coded), a.value), else_="")
        segments = [v[name] for name in SEGMENTS]
        keys = [a.question, a.version, a.wave, value, a.kind, *segments]
        rows = self.connection.execute(
            select(*keys, func.count())
            .join(self.valid, and_(v.person == a.person, v.wave == a.wave))
            .where(a.loop == 0)
            .group_by(*keys)
            .order_by(*keys)
        )
        table = AnswerTable()
        for question, version, wave, given, kind, *rest in rows:
            is_skipped = kind == "skipped"
            table.question.append(question)
            table.version.append(version)
            table.wave.append(wave)
            table.value.append(() if is_skipped else codes(given))
            table.skipped.append(is_skipped)
            table.segments.append(Segments(*rest[:7]))
            table.n.append(rest[7])
        return table

    def reach_table(self) -> ReachTable:
        """How far the valid responses came that have not ended."""
        a, v = self.answers.c, self.valid.c
        questions = self.definition.questions
        place = case({q.id: at for at, q in enumerate(questions)}, value=a.question, else_=-1)
        furthest = (
            select(a.wave, func.max(place).label("place"))
            .join(self.valid, and_(v.person == a.person, v.wave == a.wave))
            .where(or_(v.completed_at.is_(None), v.completed_at >= self.cut.as_of))
            .group_by(a.wave, a.person)
            .subquery()
        )
        f = furthest.c
        rows = self.connection.execute(
            select(f.wave, f.place, func.count())
            .group_by(f.wave, f.place)
            .order_by(f.wave, f.place)
        )
        table = ReachTable()
        for wave, at, n in rows:
            if at >= 0:
                table.wave.append(wave)
                table.question.append(questions[at].id)
                table.n.append(n)
        return table

    def theme_support(self) -> PairTable | None:
        """The ranking of themes by the support question, of the same response."""
        themes = self.definition.with_role(Role.THEMES)
        support = self.definition.with_role(Role.SUPPORT)
        if not themes or not support:
            return None
        first, second = self.answers.alias("first"), self.answers.alias("second")
        v = self.valid.c
        other = func.coalesce(second.c.value, "")
        keys = [first.c.wave, first.c.value, other]
        rows = self.connection.execute(
            select(*keys, func.count())
            .select_from(first)
            .join(self.valid, and_(v.person == first.c.person, v.wave == first.c.wave))
            .outerjoin(
                second,
                and_(
                    second.c.person == first.c.person,
                    second.c.wave == first.c.wave,
                    second.c.question == support[0].id,
                    second.c.kind == "given",
                ),
            )
            .where(first.c.question == themes[0].id, first.c.kind == "given")
            .group_by(*keys)
            .order_by(*keys)
        )
        table = PairTable(first=themes[0].id, second=support[0].id)
        for row in rows:
            wave, value, answered, n = row[0], row[1], row[2], row[3]
            table.wave.append(wave)
            table.first_value.append(codes(value))
            table.second_value.append(codes(answered))
            table.n.append(n)
        return table

    def panel_table(self) -> PanelTable:
        """The same persons in two consecutive waves, one question version (RC9)."""
        table = PanelTable()
        compared = [
            q.id
            for q in self.definition.questions
            if q.type in (QuestionType.SCALE, QuestionType.SINGLE) and not q.segment
        ]
        a = self.answers.c
        waves = sorted(self.connection.scalars(select(a.wave).distinct()))
        for earlier, later in pairwise(waves):
            for row in self.connection.execute(self._panel(earlier, later, compared)):
                table.question.append(row[0])
                table.version.append(row[1])
                table.wave_from.append(earlier)
                table.wave_to.append(later)
                table.value_from.append(codes(row[2]))
                table.value_to.append(codes(row[3]))
                table.n.append(row[4])
        return table

    def _panel(self, earlier: int, later: int, compared: Sequence[str]) -> Any:
        x, y = self.answers.alias("x"), self.answers.alias("y")
        vx, vy = self.valid.alias("vx"), self.valid.alias("vy")
        keys = [x.c.question, x.c.version, x.c.value, y.c.value]
        return (
            select(*keys, func.count())
            .select_from(x)
            .join(
                y,
                and_(
                    y.c.person == x.c.person,
                    y.c.question == x.c.question,
                    y.c.version == x.c.version,
                    y.c.wave == later,
                    y.c.kind == "given",
                ),
            )
            .join(vx, and_(vx.c.person == x.c.person, vx.c.wave == earlier))
            .join(vy, and_(vy.c.person == y.c.person, vy.c.wave == later))
            .where(x.c.wave == earlier, x.c.kind == "given", x.c.question.in_(compared))
            .group_by(*keys)
            .order_by(*keys)
        )

    def withdrawn(self) -> dict[int, int]:
        """The anonymous counters up to the week of the cut, by wave."""
        c = t.withdrawn_count.c
        rows = self.connection.execute(
            select(c.wave, func.sum(c.n))
            .where(c.consultation == self.cut.consultation, c.week <= self.cut.week)
            .group_by(c.wave)
        )
        kept = self.cut.wave
        return {wave: int(n) for wave, n in rows if kept is None or wave == kept}

    def asked_results(self) -> int:
        """How many asked to be told the results."""
        c = t.permission.c
        return (
            self.connection.scalar(
                select(func.count()).where(
                    c.consultation == self.cut.consultation,
                    c.purpose == "results",
                    c.granted_at < self.cut.as_of,
                )
            )
            or 0
        )


def _substantive(definition: Consultation) -> list[str]:
    return [q.id for q in definition.questions if q.is_substantive]


def _person(table: Any) -> tuple[Any, ColumnElement[int]]:
    """The table joined to the links, and the kept participant of each row (RC15)."""
    link = t.participant_link.c
    joined = table.outerjoin(
        t.participant_link,
        and_(link.bucket == table.c.bucket, link.absorbed == table.c.participant),
    )
    return joined, func.coalesce(link.kept, table.c.participant)


def _answers_at(cut: Cut) -> CTE:
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


def _responses_at(cut: Cut) -> CTE:
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
            place.label("place"),
        )
        .select_from(joined)
        .where(*wanted)
        .subquery()
    )
    return select(ordered).where(ordered.c.place == 1).cte("responses")


def _valid(responses: CTE, answers: CTE, substantive: list[str]) -> CTE:
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
