"""Answers row by row, for the export that is a separate, audited act.

A response goes by a keyed hash that holds within one consultation and nowhere else. Open answers
and sensitive questions never leave this way, nor do contacts, receipts, links or times.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, select

from flows.consultation import Consultation
from flows.readings import RowAnswer, Segments
from storage.cuts import (
    SEGMENTS,
    answers_at,
    find_cut,
    responses_at,
    substantive_ids,
    valid_responses,
)
from storage.keys import KeyRing
from storage.readings import VALUE_TYPES

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
    answers = answers_at(cut)
    valid = valid_responses(responses_at(cut), answers, substantive_ids(definition))
    asked = [
        q.id
        for q in definition.questions
        if q.type in VALUE_TYPES and not q.sensitive and q.store == "answers"
    ]
    a, v = answers.c, valid.c
    rows = connection.execution_options(yield_per=5_000).execute(
        select(a.person, a.wave, a.question, a.version, a.kind, a.value, *[v[n] for n in SEGMENTS])
        .join(valid, and_(v.person == a.person, v.wave == a.wave))
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
