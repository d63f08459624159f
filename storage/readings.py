"""Fills the tables that reports read: everything said up to a cut, grouped in SQL.

One definition of "the answers at the cut" and of "the valid responses at the cut" (RC1), both
as common table expressions with linked participants resolved (RC15); every table is one
grouping over the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
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
from storage import tables as t
from storage.composition import read_composition
from storage.cuts import (
    SEGMENTS,
    Cut,
    Which,
    answers_at,
    codes,
    find_cut,
    responses_at,
    substantive_ids,
    valid_responses,
)
from storage.pulse import busiest_hour
from storage.replies import list_replies
from storage.texts import fingerprint, read_texts

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


def read_consultation(
    connection: Connection,
    definition: Consultation,
    which: Which,
    *,
    zone: ZoneInfo,
    now: int,
) -> Readings:
    """Everything a summary of the consultation is made from."""
    cut = find_cut(connection, consultation=definition.id, which=which, zone=zone, now=now)
    reader = _Reader(connection, definition, cut)
    return Readings(
        consultation=definition.id,
        wave=which.wave,
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
        composition=read_composition(
            connection, definition, reader.answers, reader.valid, which.variables
        ),
        order={q.id: at for at, q in enumerate(definition.questions)},
        texts=read_texts(connection, definition, reader.answers, reader.valid),
        withdrawn=reader.withdrawn(),
        replies=list_replies(connection, definition.id, cut.as_of),
        asked_results=reader.asked_results(),
        busiest_hour=busiest_hour(connection, definition.id, cut.week_start, cut.as_of),
    )


class _Reader:
    """The two common expressions and the groupings over them."""

    def __init__(self, connection: Connection, definition: Consultation, cut: Cut) -> None:
        self.connection = connection
        self.definition = definition
        self.cut = cut
        self.answers = answers_at(cut)
        self.responses = responses_at(cut)
        self.valid = valid_responses(self.responses, self.answers, substantive_ids(definition))

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
        is_fresh = case((r.started_at >= self.cut.since, 1), else_=0)
        segments = [r[name] for name in SEGMENTS]
        rows = self.connection.execute(
            select(r.wave, state, *segments, func.count(), func.sum(is_new), func.sum(is_fresh))
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
            table.fresh.append(rest[9])
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
        is_new = case((v.started_at >= self.cut.week_start, 1), else_=0)
        is_fresh = case((a.answered_at >= self.cut.since, 1), else_=0)
        rows = self.connection.execute(
            select(*keys, func.count(), func.sum(is_new), func.sum(is_fresh))
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
            table.new.append(rest[8])
            table.fresh.append(rest[9])
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
