"""Fills the tables that reports read: everything said up to a cut, grouped in SQL.

One definition of "the answers at the cut" and of "the valid responses at the cut" (RC1), in
`storage/sources.py`; every table is one grouping over the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Connection,
    Select,
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
from storage.codings import read_coded
from storage.composition import read_composition
from storage.cuts import SEGMENTS, Cut, Which, codes, find_cut, substantive_ids
from storage.pulse import busiest_hour
from storage.replies import list_replies
from storage.sources import Source, may_be_linked, sources
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
        fingerprint=fingerprint(connection, reader.sources, cut.as_of),
        responses=reader.response_table(),
        persons=reader.person_table(),
        answers=reader.answer_table(),
        reach=reader.reach_table(),
        theme_support=reader.theme_support(),
        panel=reader.panel_table(),
        composition=read_composition(connection, definition, reader.sources, which.variables),
        order={q.id: at for at, q in enumerate(definition.questions)},
        texts=read_texts(connection, definition, reader.sources),
        withdrawn=reader.withdrawn(),
        replies=list_replies(connection, definition.id, cut.as_of),
        asked_results=reader.asked_results(),
        busiest_hour=busiest_hour(connection, definition, cut.week_start, cut.as_of),
        median_minutes=reader.median_minutes(),
        coded=read_coded(connection, definition, reader.sources),
    )


class _Reader:
    """The groupings over what was said, source by source."""

    def __init__(self, connection: Connection, definition: Consultation, cut: Cut) -> None:
        self.connection = connection
        self.definition = definition
        self.cut = cut
        self.sources = sources(connection, cut, substantive_ids(definition))
        self._segments: dict[tuple[str, ...], Segments] = {}

    def _rows(self, statement: Callable[[Source], Select[Any]]) -> Iterator[Any]:
        """The rows of a statement, of every source."""
        for source in self.sources:
            yield from self.connection.execute(statement(source))

    def _interned(self, values: Sequence[str]) -> Segments:
        """Equal segments are one object: half a million people have a few thousand."""
        key = tuple(values)
        return self._segments.setdefault(key, Segments(*key))

    def response_table(self) -> ResponseTable:
        """Responses by wave, state and segments."""
        table = ResponseTable()
        for wave, name, *rest in self._rows(self._responses):
            table.wave.append(wave)
            table.state.append(name)
            table.segments.append(self._interned(rest[:7]))
            table.n.append(rest[7])
            table.new.append(rest[8])
            table.fresh.append(rest[9])
        return table

    def _responses(self, source: Source) -> Select[Any]:
        r, v = source.responses.c, source.valid.c
        state = case(
            (r.state.in_(("declined", "under_age")), r.state),
            (v.person.is_(None), "empty"),
            (r.completed_at < self.cut.as_of, "complete"),
            else_="partial",
        )
        is_new = case((r.started_at >= self.cut.week_start, 1), else_=0)
        is_fresh = case((r.started_at >= self.cut.since, 1), else_=0)
        segments = [r[name] for name in SEGMENTS]
        same = and_(v.bucket == r.bucket, v.person == r.person, v.wave == r.wave)
        return (
            select(r.wave, state, *segments, func.count(), func.sum(is_new), func.sum(is_fresh))
            .select_from(source.responses)
            .outerjoin(source.valid, same)
            .group_by(r.wave, state, *segments)
            .order_by(r.wave, state, *segments)
        )

    def person_table(self) -> PersonTable:
        """Distinct people over the waves they took part in."""
        table = PersonTable()
        for bits, *rest in self._rows(self._persons):
            table.waves.append(tuple(n for n in range(62) if bits >> n & 1))
            table.segments.append(self._interned(rest[:7]))
            table.n.append(rest[7])
            table.new.append(rest[8])
        return table

    def _persons(self, source: Source) -> Select[Any]:
        v = source.valid.c
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
        return (
            select(p.mask, *segments, func.count(), func.sum(is_new))
            .where(p.place == 1)
            .group_by(p.mask, *segments)
            .order_by(p.mask, *segments)
        )

    def answer_table(self) -> AnswerTable:
        """Answers of valid responses by question, version, wave, value and segments."""
        table = AnswerTable()
        values: dict[str, tuple[str, ...]] = {}
        for question, version, wave, given, kind, *rest in self._rows(self._answers):
            is_skipped = kind == "skipped"
            table.question.append(question)
            table.version.append(version)
            table.wave.append(wave)
            table.value.append(() if is_skipped else values.setdefault(given, codes(given)))
            table.skipped.append(is_skipped)
            table.segments.append(self._interned(rest[:7]))
            table.n.append(rest[7])
            table.new.append(rest[8])
            table.fresh.append(rest[9])
        return table

    def _answers(self, source: Source) -> Select[Any]:
        a, v = source.answers.c, source.valid.c
        coded = [q.id for q in self.definition.questions if q.type in VALUE_TYPES]
        value = case((a.question.in_(coded), a.value), else_="")
        keys = [a.question, a.version, a.wave, value, a.kind, *[v[name] for name in SEGMENTS]]
        is_new = case((v.started_at >= self.cut.week_start, 1), else_=0)
        is_fresh = case((a.answered_at >= self.cut.since, 1), else_=0)
        return (
            select(*keys, func.count(), func.sum(is_new), func.sum(is_fresh))
            .select_from(source.valid)
            .join(source.answers, source.of_valid())
            .where(a.loop == 0)
            .group_by(*keys)
            .order_by(*keys)
        )

    def reach_table(self) -> ReachTable:
        """How far the valid responses came that have not ended."""
        questions = self.definition.questions
        table = ReachTable()
        for wave, at, n in self._rows(self._reach):
            if at >= 0:
                table.wave.append(wave)
                table.question.append(questions[at].id)
                table.n.append(n)
        return table

    def _reach(self, source: Source) -> Select[Any]:
        a, v = source.answers.c, source.valid.c
        questions = self.definition.questions
        place = case({q.id: at for at, q in enumerate(questions)}, value=a.question, else_=-1)
        furthest = (
            select(v.wave, func.max(place).label("place"))
            .select_from(source.valid)
            .join(source.answers, source.of_valid())
            .where(or_(v.completed_at.is_(None), v.completed_at >= self.cut.as_of))
            .group_by(v.wave, v.bucket, v.person)
            .subquery()
        )
        f = furthest.c
        keys = [f.wave, f.place]
        return select(*keys, func.count()).group_by(*keys).order_by(*keys)

    def theme_support(self) -> PairTable | None:
        """The ranking of themes by the support question, of the same response."""
        themes = self.definition.with_role(Role.THEMES)
        support = self.definition.with_role(Role.SUPPORT)
        if not themes or not support:
            return None
        table = PairTable(first=themes[0].id, second=support[0].id)
        for wave, value, answered, n in self._rows(self._theme_support):
            table.wave.append(wave)
            table.first_value.append(codes(value))
            table.second_value.append(codes(answered))
            table.n.append(n)
        return table

    def _theme_support(self, source: Source) -> Select[Any]:
        themes = self.definition.with_role(Role.THEMES)[0]
        support = self.definition.with_role(Role.SUPPORT)[0]
        first, second = source.answers.alias("first"), source.answers.alias("second")
        v = source.valid.c
        keys = [v.wave, first.c.value, func.coalesce(second.c.value, "")]
        of_second = and_(
            source.of_valid(second), second.c.question == support.id, second.c.kind == "given"
        )
        return (
            select(*keys, func.count())
            .select_from(source.valid)
            .join(first, source.of_valid(first))
            .outerjoin(second, of_second)
            .where(first.c.question == themes.id, first.c.kind == "given")
            .group_by(*keys)
            .order_by(*keys)
        )

    def panel_table(self) -> PanelTable:
        """The same persons in two waves, one question version (RC9), if they permit linking."""
        table = PanelTable()
        r = t.response.c
        waves = sorted(
            self.connection.scalars(
                select(r.wave).distinct().where(r.consultation == self.cut.consultation)
            )
        )
        if self.cut.wave is not None:
            return table
        for earlier, later in pairwise(waves):
            for row in self._rows(partial(self._panel, earlier, later)):
                table.question.append(row[0])
                table.version.append(row[1])
                table.wave_from.append(earlier)
                table.wave_to.append(later)
                table.value_from.append(codes(row[2]))
                table.value_to.append(codes(row[3]))
                table.n.append(row[4])
        return table

    def _panel(self, earlier: int, later: int, source: Source) -> Select[Any]:
        compared = [
            q.id
            for q in self.definition.questions
            if q.type in (QuestionType.SCALE, QuestionType.SINGLE) and not q.segment
        ]
        x, y = source.answers.alias("x"), source.answers.alias("y")
        vx, vy = source.valid.alias("vx"), source.valid.alias("vy")
        linked = select(may_be_linked(self.cut.consultation).c.person)
        keys = [x.c.question, x.c.version, x.c.value, y.c.value]
        both = [
            vy.c.bucket == vx.c.bucket, vy.c.person == vx.c.person,
            vx.c.wave == earlier, vy.c.wave == later,
        ]  # fmt: skip
        answered = [
            and_(a.c.bucket == v.c.bucket, a.c.person == v.c.person, a.c.wave == v.c.wave,
                 a.c.kind == "given")
            for a, v in ((x, vx), (y, vy))
        ]  # fmt: skip
        return (
            select(*keys, func.count())
            .select_from(vx)
            .join(vy, and_(*both))
            .join(x, answered[0])
            .join(y, and_(answered[1], y.c.question == x.c.question, y.c.version == x.c.version))
            .where(x.c.question.in_(compared), vx.c.person.in_(linked))
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

    def median_minutes(self) -> int | None:
        """The lower median of how long complete responses took, rounded half up."""
        took = sorted(row[0] for row in self._rows(self._took))
        if not took:
            return None
        return (int(took[(len(took) - 1) // 2]) + 30_000_000) // 60_000_000

    def _took(self, source: Source) -> Select[Any]:
        v = source.valid.c
        return select(v.completed_at - v.started_at).where(v.completed_at < self.cut.as_of)
