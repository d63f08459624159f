"""What is forgotten with time: ids of accepted updates, raw bytes, sent messages, spent links.

The ids are kept for 30 days because no platform repeats an update for longer. Of what was sent
the last message of each person and channel stays: a page that is opened again shows it.
"""

from __future__ import annotations

from sqlalchemy import Connection, CursorResult, Delete, delete, func, select, update

from storage import tables as t
from storage.counting import delete_counted

DAY = 86_400_000_000
KEPT_DAYS = 30
RAW_DAYS = 14
"""Raw bytes in quarantine go after two weeks; that there was something, and why, stays."""
RECENT_DAYS = 8
"""No platform brings a text later, so what came last in a conversation is needed no longer."""


def forget_old(connection: Connection, now: int) -> int:
    """Delete what is older than it may be; returns how many rows went.

    Whole days of ids go at once, so that what is left can be counted against its day.
    """
    before = now - KEPT_DAYS * DAY
    whole_days = before - before % DAY
    sent, link, raw = t.outbox.c, t.answers_link.c, t.quarantine.c
    last = select(func.max(sent.id)).group_by(sent.bucket, sent.participant, sent.channel)
    gone = sum(
        _gone(connection, statement)
        for statement in (
            delete(t.inbox).where(t.inbox.c.received_at < whole_days),
            delete(t.quarantine).where(raw.received_at < whole_days),
            delete(t.answers_link).where(link.expires_at < before),
            delete(t.dispatch).where(t.dispatch.c.sent_at < before),
        )
    )
    gone += delete_counted(
        connection,
        t.outbox,
        delete(t.outbox).where(sent.state != "due", sent.due_at < before, sent.id.not_in(last)),
    )
    connection.execute(
        update(t.quarantine)
        .where(raw.received_at < now - RAW_DAYS * DAY, raw.raw != b"")
        .values(raw=b"")
    )
    connection.execute(
        update(t.session)
        .where(t.session.c.updated_at < now - RECENT_DAYS * DAY, t.session.c.recent != b"")
        .values(recent=b"")
    )
    return gone


def _gone(connection: Connection, statement: Delete) -> int:
    result: CursorResult[tuple[()]] = connection.execute(statement)
    return result.rowcount
