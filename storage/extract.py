"""Answers row by row, for the export that is a separate, audited act.

A response goes by a keyed hash that holds within one consultation and nowhere else. Open answers
and sensitive questions never leave this way, nor do contacts, receipts, links or times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, select

from flows.consultation import Consultation
from flows.ids import QuestionId
from flows.readings import RowAnswer, Segments
from storage.cuts import SEGMENTS, Which, find_cut, substantive_ids
from storage.keys import KeyRing
from storage.readings import VALUE_TYPES
from storage.sources import Source, sources

HEX = 16


def read_rows(
    connection: Connection,
    keys: KeyRing,
    definition: Consultation,
    *,
    wave: int | None,
    zone: ZoneInfo,
    now: int,
) -> Iterator[RowAnswer]:
    """The current closed answers of valid responses up to the last closed week."""
    which = Which(wave=wave)
    cut = find_cut(connection, consultation=definition.id, which=which, zone=zone, now=now)
    asked = [
        q.id
        for q in definition.questions
        if q.type in VALUE_TYPES and not q.sensitive and q.store == "answers"
    ]
    rows = (
        row
        for source in sources(connection, cut, substantive_ids(definition))
        for row in connection.execution_options(yield_per=5_000).execute(_closed(source, asked))
    )
    for person, in_wave, question, version, kind, value, *segments in rows:
        yield RowAnswer(
            response=keys.digest("row", definition.id, str(person)).hex()[:HEX],
            wave=in_wave,
            question=question,
            version=version,
            kind=kind,
            value=value,
            segments=Segments(*segments[:7]),
        )


def _closed(source: Source, asked: list[QuestionId]) -> Select[Any]:
    a, v = source.answers.c, source.valid.c
    return (
        select(a.person, a.wave, a.question, a.version, a.kind, a.value, *[v[n] for n in SEGMENTS])
        .select_from(source.valid)
        .join(source.answers, source.of_valid())
        .where(a.question.in_(asked), a.loop == 0)
    )
