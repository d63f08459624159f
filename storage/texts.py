"""Open answers with what places them, and the fingerprint of everything that counts."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import CTE, Connection, and_, exists, select

from flows.consultation import Consultation, QuestionType, Role
from flows.readings import Segments, Words
from storage import tables as t

MOST = 5_000
"""Texts a summary looks through for its few quotes: the newest."""


def read_texts(
    connection: Connection, definition: Consultation, answers: CTE, valid: CTE
) -> tuple[Words, ...]:
    """The open answers of valid responses, newest first."""
    texts = [q.id for q in definition.questions if q.type is QuestionType.TEXT]
    if not texts:
        return ()
    a, v = answers.alias("text"), valid.c
    support = _same_response(definition, Role.SUPPORT, answers, a)
    themes = _same_response(definition, Role.THEMES, answers, a)
    p = t.permission.c
    may_quote = exists().where(
        p.participant == a.c.participant,
        p.consultation == definition.id,
        p.purpose == "quote",
    )
    rows = connection.execute(
        select(
            a.c.question,
            a.c.version,
            a.c.wave,
            a.c.value,
            may_quote,
            v.residence,
            v.country,
            v.sector,
            v.actor_type,
            v.language,
            v.channel,
            v.source,
            a.c.answered_at,
            support,
            themes,
        )
        .join(valid, and_(v.person == a.c.person, v.wave == a.c.wave))
        .where(a.c.question.in_(texts), a.c.kind == "given", a.c.value != "")
        .order_by(a.c.answered_at.desc(), a.c.person, a.c.question)
        .limit(MOST)
    )
    return tuple(
        Words(
            question=row[0],
            version=row[1],
            wave=row[2],
            text=row[3],
            may_quote=bool(row[4]),
            segments=Segments(*row[5:12]),
            language=row[9],
            answered_at=row[12],
            support=_codes(row[13]),
            themes=_codes(row[14]),
        )
        for row in rows
    )


def _same_response(definition: Consultation, role: Role, answers: CTE, text: Any) -> Any:
    """What the same response gave to the question with a role, as a scalar subquery."""
    names = [q.id for q in definition.with_role(role)]
    other = answers.alias(role.value)
    return (
        select(other.c.value)
        .where(
            other.c.person == text.c.person,
            other.c.wave == text.c.wave,
            other.c.question.in_(names),
            other.c.kind == "given",
        )
        .limit(1)
        .scalar_subquery()
    )


def _codes(value: str | None) -> tuple[str, ...]:
    return tuple(value.split("|")) if value else ()


def fingerprint(connection: Connection, answers: CTE, as_of: int) -> str:
    """SHA-256 over the sorted answers at the cut and the cut itself."""
    digest = sha256(str(as_of).encode())
    a = answers.c
    rows = connection.execute(
        select(
            a.person, a.wave, a.question, a.loop, a.version, a.kind, a.value, a.other_text
        ).order_by(a.person, a.wave, a.question, a.loop)
    )
    for row in rows:
        digest.update("\x1f".join(str(part) for part in row).encode())
        digest.update(b"\x1e")
    return f"sha256:{digest.hexdigest()}"
