"""Small numbers for live pages: how many valid responses, and the update account."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, distinct, func, select

from storage import tables as t


def count_valid(
    connection: Connection, consultation: str, wave: int, substantive: Iterable[str]
) -> int:
    """Valid responses of a wave (RC1): accepted, with a substantive answer given."""
    a, now, r = t.answer.c, t.current_answer.c, t.response.c
    names = list(substantive)
    statement = select(func.count(distinct(a.participant)))
    return (
        connection.scalar(
            statement.join(
                t.current_answer,
                (now.bucket == a.bucket)
                & (now.participant == a.participant)
                & (now.consultation == a.consultation)
                & (now.wave == a.wave)
                & (now.question == a.question)
                & (now.loop == a.loop)
                & (now.revision == a.revision),
            )
            .join(
                t.response,
                (r.bucket == a.bucket)
                & (r.participant == a.participant)
                & (r.consultation == a.consultation)
                & (r.wave == a.wave),
            )
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
    ended = {
        name: n
        for name, n in connection.execute(select(c.outcome, func.count()).group_by(c.outcome))
    }
    counts = {name: ended.get(name, 0) for name in ("applied", "ignored", "quarantined")}
    return {"accepted": sum(counts.values()), **counts}
