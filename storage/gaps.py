"""When a channel last received, and who was in the middle of something when it stopped."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId
from storage import tables as t

MINUTE = 60_000_000
GAP = 150_000_000
"""Microseconds that Telegram keeps a press; after a longer gap some may be lost."""
ACTIVE = 30 * MINUTE
"""Who wrote within so long before the gap was in the middle of it."""


def last_seen(connection: Connection, channel: str) -> int | None:
    """When the channel was last known to receive; None before its first time."""
    return connection.scalar(
        select(t.channel_state.c.seen_at).where(t.channel_state.c.channel == channel)
    )


def set_seen(connection: Connection, channel: str, at: int) -> None:
    """The channel receives."""
    statement = upsert(t.channel_state).values(channel=channel, seen_at=at)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["channel"], set_={"seen_at": at})
    )


def list_interrupted(connection: Connection, channel: str, seen_at: int) -> list[ParticipantId]:
    """Who was active on the channel when it stopped at `seen_at`, and not heard of since."""
    s, contact = t.session.c, t.contact_point.c
    statement = (
        select(s.participant)
        .join(
            t.contact_point,
            and_(contact.bucket == s.bucket, contact.participant == s.participant),
        )
        .where(
            contact.channel == channel,
            contact.state == "open",
            s.updated_at.between(seen_at - ACTIVE, seen_at + GAP),
        )
        .order_by(s.participant)
    )
    return [ParticipantId(found) for found in connection.scalars(statement)]
