"""Small numbers for live pages: how many valid responses, and the update account."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, distinct, func, select

from storage import tables as t
from storage.keys import KeyRing
from storage.outbox import find_by_contact


def count_valid(
    connection: Connection, consultation: str, wave: int, substantive: Iterable[str]
) -> int:
    """Valid responses of a wave (RC1): accepted, with a substantive answer given."""
    a, r = t.answer.c, t.response.c
    names = list(substantive)
    statement = select(func.count(distinct(a.participant)))
    return (
        connection.scalar(
            statement.join(t.current_answer, t.IS_CURRENT)
            .join(t.response, t.OF_RESPONSE)
            .where(
                a.consultation == consultation,
                a.wave == wave,
                a.kind == "given",
                a.question.in_(names),
                r.state == "accepted",
            )
        )
        or 0
    )


def account(connection: Connection) -> dict[str, int]:
    """How the accepted updates ended: applied, ignored, quarantined; they add up to accepted."""
    c = t.inbox.c
    rows = connection.execute(select(c.outcome, func.count()).group_by(c.outcome))
    ended = {row[0]: row[1] for row in rows}
    counts = {name: ended.get(name, 0) for name in ("applied", "ignored", "quarantined")}
    return {"accepted": sum(counts.values()), **counts}


def ordinal(
    connection: Connection,
    keys: KeyRing,
    channel: str,
    address: str,
    consultation: str,
    substantive: Iterable[str],
) -> int | None:
    """Which valid response, by when it began, is that of an address; None if it is not valid."""
    participant = find_by_contact(connection, keys, channel, address)
    if participant is None:
        return None
    r, a = t.response.c, t.answer.c
    answered = (
        select(a.participant)
        .distinct()
        .where(
            a.consultation == consultation, a.kind == "given", a.question.in_(list(substantive))
        )
        .subquery()
    )
    rows = (
        select(r.participant, r.started_at)
        .join(answered, answered.c.participant == r.participant)
        .where(r.consultation == consultation, r.state == "accepted")
        .subquery()
    )
    own = connection.scalar(
        select(rows.c.started_at).where(rows.c.participant == participant).limit(1)
    )
    if own is None:
        return None
    return connection.scalar(
        select(func.count()).select_from(rows).where(rows.c.started_at <= own)
    )
