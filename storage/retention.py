"""What is forgotten with time: ids of accepted updates, sent messages, spent links.

The ids are kept for 30 days because no platform repeats an update for longer. Of what was sent
the last message of each person and channel stays: a page that is opened again shows it.
"""

from __future__ import annotations

from sqlalchemy import Connection, CursorResult, Delete, delete, func, select

from storage import tables as t

DAY = 86_400_000_000
KEPT_DAYS = 30


def forget_old(connection: Connection, now: int) -> int:
    """Delete what is older than it may be; returns how many rows went."""
    before = now - KEPT_DAYS * DAY
    sent = t.outbox.c
    last = select(func.max(sent.id)).group_by(sent.bucket, sent.participant, sent.channel)
    link = t.answers_link.c
    return sum(
        _gone(connection, statement)
        for statement in (
            delete(t.inbox).where(t.inbox.c.received_at < before),
            delete(t.outbox).where(
                sent.state != "due", sent.due_at < before, sent.id.not_in(last)
            ),
            delete(t.answers_link).where(link.expires_at < before),
            delete(t.dispatch).where(t.dispatch.c.sent_at < before),
        )
    )


def _gone(connection: Connection, statement: Delete) -> int:
    result: CursorResult[tuple[()]] = connection.execute(statement)
    return result.rowcount
