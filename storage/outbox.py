"""What is still to be sent: due rows for delivery, a mailbox for the web chat, campaigns once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.daytime import Slot
from flows.ids import ParticipantId, bucket_of
from flows.messages import Message
from storage import tables as t
from storage.keys import KeyRing
from storage.participants import address_of

_message = msgspec.json.Decoder(Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One message to send, with its decrypted address."""

    id: int
    participant: int
    channel: str
    address: str
    message: Message
    kind: str
    attempts: int
    claims: int = 0
    heard_at: int | None = None
    """When the person last wrote on this channel, where that matters to the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One unasked message: to whom, by which channel, what, for which purpose, and when."""

    participant: int
    channel: str
    message: Message
    purpose: str
    slot: Slot


NEVER = 2**62
"""A moment that does not come, in UTC µs."""


def list_due(
    connection: Connection,
    keys: KeyRing,
    *,
    channel: str,
    now: int,
    limit: int = 100,
    skip: Container[int] = (),
) -> list[OutboxRow]:
    """Due messages, replies before campaigns, each person's in order (one per person).

    `skip`: participants who are being waited for (pace, or a message on its way).
    """
    chosen: list[int] = []
    seen: set[int] = set()
    for kind in ("reply", "campaign"):
        waiting: set[int] = set()  # an earlier message of theirs comes first
        for row in _due_in_order(connection, channel, kind, now):
            if len(chosen) >= limit:
                break
            if row.participant in waiting or row.participant in seen:
                continue
            waiting.add(row.participant)
            if row.due_at <= now and row.participant not in skip:
                seen.add(row.participant)
                chosen.append(row.id)
    return _rows(connection, keys, chosen)


def _due_in_order(
    connection: Connection, channel: str, kind: str, now: int, window: int = 500
) -> Iterator[Any]:
    """(id, participant, due_at) of everything due, by id, a window at a time.

    What may not go any more, because night has come where the person is, waits to be planned
    anew (`bot.schedule`).
    """
    c, last = t.outbox.c, 0
    in_time = or_(c.not_after.is_(None), c.not_after > now)
    if kind == "campaign":  # thousands may wait for the morning; they keep nobody in order
        in_time = and_(in_time, c.due_at <= now)
    while True:
        rows = connection.execute(
            select(c.id, c.participant, c.due_at)
            .where(c.state == "due", c.channel == channel, c.kind == kind, c.id > last, in_time)
            .order_by(c.id)
            .limit(window)
        ).all()
        yield from rows
        if len(rows) < window:
            return
        last = rows[-1].id


def _rows(connection: Connection, keys: KeyRing, ids: list[int]) -> list[OutboxRow]:
    c, contact, heard = t.outbox.c, t.contact_point.c, t.last_heard.c
    statement = (
        select(t.outbox, contact.address, heard.at.label("heard_at"))
        .join(
            t.contact_point,
            and_(
                contact.bucket == c.bucket,
                contact.participant == c.participant,
                contact.channel == c.channel,
            ),
        )
        .outerjoin(
            t.last_heard,
            and_(
                heard.bucket == c.bucket,
                heard.participant == c.participant,
                heard.channel == c.channel,
            ),
        )
        .where(c.id.in_(ids))
        .order_by(c.kind.desc(), c.id)
    )
    return [_row(row, keys) for row in connection.execute(statement)] if ids else []


def _row(row: Row[Any], keys: KeyRing) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        participant=row.participant,
        channel=row.channel,
        address=address_of(keys, row.participant, row.address),
        message=_message.decode(row.message),
        kind=row.kind,
        attempts=row.attempts,
        claims=row.claims,
        heard_at=row.heard_at,
    )


def held_until(connection: Connection, channel: str) -> int:
    """Until when a platform asked to wait, as far as it is still known; 0: it did not."""
    c = t.outbox.c
    waiting = and_(c.state == "due", c.channel == channel, c.problem == "throttled")
    return connection.scalar(select(func.max(c.due_at)).where(waiting)) or 0


def count_undelivered(connection: Connection) -> dict[str, int]:
    """How many messages were given up, by the reason."""
    c = t.outbox.c
    rows = connection.execute(
        select(c.problem, func.count()).where(c.state == "failed").group_by(c.problem)
    )
    return {row[0]: row[1] for row in rows}


def count_by_state(connection: Connection) -> dict[str, int]:
    """How many messages are due, sent, failed."""
    rows = connection.execute(select(t.outbox.c.state, func.count()).group_by(t.outbox.c.state))
    return {row[0]: row[1] for row in rows}


def mark_sent(connection: Connection, ids: Iterable[int], at: int) -> None:
    """The platform has answered: these went out."""
    connection.execute(
        update(t.outbox)
        .where(t.outbox.c.id.in_(list(ids)))
        .values(state="sent", sent_at=at, claimed_at=None)
    )


def mark_retry(connection: Connection, message_id: int, *, due_at: int, problem: str) -> None:
    """Not now: try again at `due_at`. It was not sent, so a claim ends."""
    c = t.outbox.c
    connection.execute(
        update(t.outbox)
        .where(c.id == message_id)
        .values(
            state="due",
            due_at=due_at,
            attempts=c.attempts + 1,
            problem=problem,
            claimed_at=None,
            claims=func.max(c.claims - 1, 0),
        )
    )


def mark_failed(connection: Connection, message_id: int, problem: str) -> None:
    """Never: counted and shown, not tried again."""
    connection.execute(
        update(t.outbox).where(t.outbox.c.id == message_id).values(state="failed", problem=problem)
    )


def list_after(
    connection: Connection, keys: KeyRing, *, channel: str, address: str, after: int
) -> list[tuple[int, Message]]:
    """The web chat's mailbox: (id, message) after an id, sent or not, oldest first."""
    participant = find_by_contact(connection, keys, channel, address)
    if participant is None:
        return []
    c = t.outbox.c
    rows = connection.execute(
        select(c.id, c.message)
        .where(
            c.bucket == bucket_of(participant),
            c.participant == participant,
            c.channel == channel,
            c.id > after,
        )
        .order_by(c.id)
        .limit(200)
    )
    return [(row.id, _message.decode(row.message)) for row in rows]


def find_by_contact(
    connection: Connection, keys: KeyRing, channel: str, address: str
) -> ParticipantId | None:
    """The participant behind an address, or None."""
    found = connection.scalar(
        select(t.contact_index.c.participant).where(
            t.contact_index.c.key == keys.hash("contact", channel, address)
        )
    )
    return ParticipantId(found) if found is not None else None


def enqueue_campaign(
    connection: Connection,
    *,
    participant: int,
    channel: str,
    message: Message,
    purpose: str,
    due_at: int,
) -> bool:
    """Put an unasked message that is not bound to the day in the outbox once per purpose."""
    posting = Posting(
        participant=participant,
        channel=channel,
        message=message,
        purpose=purpose,
        slot=Slot(due_at, NEVER),
    )
    return enqueue(connection, posting)


def enqueue(connection: Connection, posting: Posting) -> bool:
    """Put an unasked message in the outbox once per purpose; False when it already was."""
    bucket = bucket_of(ParticipantId(posting.participant))
    claimed = connection.execute(
        upsert(t.sent_purpose)
        .values(
            bucket=bucket,
            participant=posting.participant,
            purpose=posting.purpose,
            at=posting.slot.due_at,
        )
        .on_conflict_do_nothing()
    )
    if claimed.rowcount == 0:
        return False
    connection.execute(
        insert(t.outbox).values(
            bucket=bucket,
            participant=posting.participant,
            channel=posting.channel,
            kind="campaign",
            purpose=posting.purpose,
            message=msgspec.json.encode(posting.message),
            due_at=posting.slot.due_at,
            not_after=posting.slot.not_after,
        )
    )
    return True
