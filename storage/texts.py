"""Open answers with what places them, and the fingerprint of everything that counts."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, exists, func, select

from flows.consultation import Consultation, QuestionType, Role
from flows.readings import Segments, Words
from storage import tables as t
from storage.cuts import SEGMENTS
from storage.sources import BUCKETS, Source

MOST = 5_000
"""Texts a summary looks through for its few quotes: the newest."""


def read_texts(
    connection: Connection, definition: Consultation, listed: Sequence[Source]
) -> tuple[Words, ...]:
    """The open answers of valid responses, newest first."""
    texts = [q.id for q in definition.questions if q.type is QuestionType.TEXT]
    rows = [
        row
        for source in listed
        for question in texts
        for row in connection.execute(_newest(definition, source, question))
    ]
    rows.sort(key=lambda row: (-row.answered_at, row.person, row.question))
    return tuple(
        Words(
            question=row.question,
            version=row.version,
            wave=row.wave,
            text=row.value,
            may_quote=bool(row.may_quote),
            segments=Segments(*(getattr(row, name) for name in SEGMENTS)),
            language=row.language,
            answered_at=row.answered_at,
            support=_codes(row.support),
            themes=_codes(row.themes),
        )
        for row in rows[:MOST]
    )


def _newest(definition: Consultation, source: Source, question: str) -> Select[Any]:
    """The newest answers to one open question, by the index on question and time."""
    a, v = source.answers.c, source.valid.c
    p = t.permission.c
    may_quote = exists().where(
        p.bucket == a.participant % BUCKETS,
        p.participant == a.participant,
        p.consultation == definition.id,
        p.purpose == "quote",
    )
    return (
        select(
            a.person,
            a.question,
            a.version,
            a.wave,
            a.value,
            a.answered_at,
            may_quote.label("may_quote"),
            *[v[name] for name in SEGMENTS],
            _same_response(definition, Role.SUPPORT, source).label("support"),
            _same_response(definition, Role.THEMES, source).label("themes"),
        )
        .select_from(source.answers)
        .join(source.valid, source.of_valid(source.answers))
        .where(a.question == question, a.kind == "given", a.value != "")
        .order_by(a.answered_at.desc())
        .limit(MOST)
    )


def _same_response(definition: Consultation, role: Role, source: Source) -> Any:
    """What the same response gave to the question with a role, as a scalar subquery."""
    names = [q.id for q in definition.with_role(role)]
    other = source.answers.alias(role.value)
    a = source.answers.c
    return (
        select(other.c.value)
        .where(
            other.c.bucket == a.bucket,
            other.c.person == a.person,
            other.c.wave == a.wave,
            other.c.question.in_(names),
            other.c.kind == "given",
        )
        .limit(1)
        .scalar_subquery()
    )


def _codes(value: str | None) -> tuple[str, ...]:
    return tuple(value.split("|")) if value else ()


def fingerprint(connection: Connection, listed: Sequence[Source], as_of: int) -> str:
    """SHA-256 over the answers at the cut, person by person in the key's order, and the cut."""
    digest = sha256(str(as_of).encode())
    for source in listed:
        a = source.answers.c
        ordered = (
            select(source.answers)
            .order_by(a.bucket, a.person, a.wave, a.question, a.loop)
            .subquery("ordered")
        )
        o = ordered.c
        told = [o.wave, o.question, o.loop, o.version, o.kind, o.value, o.other_text]
        line: ColumnElement[str] = cast(told[0], Text)
        for part in told[1:]:
            line = line.concat("\x1f").concat(cast(part, Text))
        persons = select(o.bucket, o.person, func.group_concat(line, "\x1e")).group_by(
            o.bucket, o.person
        )
        for bucket, person, said in connection.execute(persons):
            digest.update(f"{bucket}\x1f{person}\x1f{said}\x1d".encode())
    return f"sha256:{digest.hexdigest()}"
