"""What a platform took and what became of it: claims, statuses in any order, other channels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.keys import KeyRing
from storage.outbox import OutboxRow

RANK = {"accepted": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}
"""A status only ever moves up: whatever order they come in, and however often, the end is one.

A message that was delivered did not fail, whatever else is told of it.
"""
FATE_WAIT = 15 * 60 * 1_000_000
"""Microseconds: so long the platform has to tell what became of a message (trust, 2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A message that a platform took, under its own id."""

    platform_id: str
    category: str = ""
    opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a platform tells of a message. `outbox_id` is what we gave it to carry along."""

    platform_id: str
    status: str
    at: int
    outbox_id: int | None = None
    code: int | None = None
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A message that a platform took and then could not deliver: what to do is not known here."""

    outbox_id: int
    participant: ParticipantId
    attempts: int
    code: int | None


def claim(connection: Connection, row: OutboxRow, at: int) -> None:
    """Before a campaign message is sent: nobody picks it up again until its fate can be known."""
    c = t.outbox.c
    connection.execute(
        update(t.outbox)
        .where(c.id == row.id)
        .values(claimed_at=at, claims=c.claims + 1, due_at=at + FATE_WAIT)
    )


def record_dispatches(
    connection: Connection, keys: KeyRing, row: OutboxRow, taken: Iterable[Dispatch], at: int
) -> None:
    """The platform has answered with its ids. A status may have come before."""
    for one in taken:
        values = {
            "outbox_id": row.id,
            "bucket": bucket_of(ParticipantId(row.participant)),
            "participant": row.participant,
            "channel": row.channel,
            "sent_at": at,
            "opens": int(one.opens),
        }
        first = {"status": "accepted", "status_at": at, "category": one.category}
        connection.execute(
            upsert(t.dispatch)
            .values(key=_key(keys, row.channel, one.platform_id), **values, **first)
            .on_conflict_do_update(index_elements=["key"], set_=values)
        )


def _key(keys: KeyRing, channel: str, platform_id: str) -> bytes:
    return keys.hash("dispatch", channel, platform_id)


def record_status(
    connection: Connection, keys: KeyRing, channel: str, told: Status
) -> Failure | None:
    """Write a status down if it says more than is known; returns what newly failed.

    A status of a message that is not ours, or was forgotten, changes nothing.
    """
    key, c = _key(keys, channel, told.platform_id), t.dispatch.c
    known = connection.execute(select(c.outbox_id, c.status).where(c.key == key)).first()
    number = known.outbox_id if known is not None else told.outbox_id
    o = t.outbox.c
    row = connection.execute(select(t.outbox).where(o.id == number, o.channel == channel)).first()
    if known is None and row is None:
        return None
    if known is not None and RANK[told.status] <= RANK[known.status]:
        return None
    changes = {"status": told.status, "status_at": told.at, "code": told.code}
    changes |= {"category": told.category} if told.category else {}
    if known is not None:
        connection.execute(update(t.dispatch).where(c.key == key).values(**changes))
    else:
        assert row is not None
        owner = {name: getattr(row, name) for name in ("bucket", "participant", "channel")}
        connection.execute(
            insert(t.dispatch).values(
                key=key, outbox_id=row.id, sent_at=told.at, **owner, **changes
            )
        )
    if row is None:
        return None
    if told.status != "failed":
        _end_claim(connection, row.id, told.at)
        return None
    return Failure(
        outbox_id=row.id,
        participant=ParticipantId(row.participant),
        attempts=row.attempts,
        code=told.code,
    )


def _end_claim(connection: Connection, outbox_id: int, at: int) -> None:
    """A claimed message whose fate was unknown has gone out."""
    c = t.outbox.c
    connection.execute(
        update(t.outbox)
        .where(c.id == outbox_id, c.state == "due", c.claimed_at.is_not(None))
        .values(state="sent", sent_at=at, claimed_at=None)
    )


def count_opened(connection: Connection, channel: str, since: int) -> dict[int, int]:
    """Participants who were written to outside a window since then, each with the last time."""
    c = t.dispatch.c
    rows = connection.execute(
        select(c.participant, func.max(c.sent_at))
        .where(c.channel == channel, c.opens == 1, c.sent_at > since)
        .group_by(c.participant)
    )
    return {row[0]: row[1] for row in rows}


def count_statuses(connection: Connection, channel: str) -> dict[str, int]:
    """How many messages stand at each status."""
    c = t.dispatch.c
    rows = connection.execute(
        select(c.status, func.count()).where(c.channel == channel).group_by(c.status)
    )
    return {row[0]: row[1] for row in rows}


def send_elsewhere(
    connection: Connection, row: OutboxRow, channels: Iterable[str], at: int
) -> str | None:
    """Give a message to another channel of the same person; returns its name, if there is one."""
    point, others = t.contact_point.c, [name for name in channels if name != row.channel]
    bucket = bucket_of(ParticipantId(row.participant))
    found = connection.scalars(
        select(point.channel).where(
            point.bucket == bucket,
            point.participant == row.participant,
            point.state == "open",
            point.channel.in_(others),
        )
    ).all()
    chosen = next((name for name in others if name in found), None)
    if chosen is not None:
        connection.execute(
            update(t.outbox)
            .where(t.outbox.c.id == row.id)
            .values(channel=chosen, due_at=at, attempts=0, claimed_at=None, claims=0, problem="")
        )
    return chosen
