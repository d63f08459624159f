"""Answers row by row, for the export that is a separate, audited act.

A response goes by a keyed hash that holds within one consultation and nowhere else. Open answers
and sensitive questions never leave this way, nor do contacts, receipts, links or times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from flows.consultation import Consultation
from flows.readings import RowAnswer, Segments
from storage.cuts import SEGMENTS, find_cut
from storage.keys import KeyRing
from storage.readings import VALUE_TYPES
from storage.said import Said, said_at

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
    cut = find_cut(
        connection, consultation=definition.id, wave=wave, week=None, zone=zone, now=now
    )
    asked = [
        q.id
        for q in definition.questions
        if q.type in VALUE_TYPES and not q.sensitive and q.store == "answers"
    ]
    for pair in said_at(connection, definition, cut):
        yield from _rows(connection, keys, definition, pair, asked)


def _rows(
    connection: Connection,
    keys: KeyRing,
    definition: Consultation,
    said: Said,
    asked: Sequence[str],
) -> Iterator[RowAnswer]:
    a, v = said.answers.c, said.valid.c
    rows = connection.execution_options(yield_per=5_000).execute(
        select(a.person, a.wave, a.question, a.version, a.kind, a.value, *[v[n] for n in SEGMENTS])
        .select_from(said.answers)
        .join(said.valid, said.belongs)
        .where(a.question.in_(asked), a.loop == 0)
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
