"""Campaigns in the outbox: what is no longer wanted, what missed its time, how each one stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from flows.campaigns import REMINDERS, Campaign, Purpose
from flows.daytime import Slot
from flows.ids import ParticipantId, bucket_of
from storage import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A message whose time has passed: night came where the person is."""

    id: int
    participant: int
    purpose: str


def is_any_due(connection: Connection) -> bool:
    """Whether any campaign message waits in the outbox."""
    c = t.outbox.c
    waits = exists().where(c.state == "due", c.kind == "campaign")
    return bool(connection.scalar(select(waits)))


def withdraw_stale(connection: Connection, campaign: Campaign) -> int:
    """Take back what is due and not wanted any more; returns how many messages.

    An invitation to who has begun by themselves; a reminder to who has finished or left.
    """
    r, c = t.response.c, t.outbox.c
    own = and_(
        r.bucket == c.bucket,
        r.participant == c.participant,
        r.consultation == campaign.consultation,
        r.wave == campaign.wave,
    )
    has_left = or_(r.completed_at.is_not(None), r.state.in_(("declined", "under_age")))
    invitation = campaign.other(Purpose.INVITATION).key
    reminders = [campaign.other(purpose).key for purpose in REMINDERS]
    unwanted = or_(
        and_(c.purpose == invitation, exists().where(own, r.state != "started")),
        and_(c.purpose.in_(reminders), exists().where(own, has_left)),
    )
    return connection.execute(
        update(t.outbox)
        .where(c.state == "due", c.kind == "campaign", unwanted)
        .values(state="failed", problem="not_wanted")
    ).rowcount


def withdraw_closed(connection: Connection, campaign: Campaign) -> int:
    """The wave has closed: nobody is invited or reminded any more."""
    c = t.outbox.c
    keys = [campaign.other(purpose).key for purpose in (Purpose.INVITATION, *REMINDERS)]
    return connection.execute(
        update(t.outbox)
        .where(c.state == "due", c.kind == "campaign", c.purpose.in_(keys))
        .values(state="failed", problem="closed")
    ).rowcount


def list_missed(connection: Connection, now: int, limit: int = 500) -> list[Missed]:
    """What is due and may not go any more at this time of day."""
    c = t.outbox.c
    rows = connection.execute(
        select(c.id, c.participant, c.purpose)
        .where(c.state == "due", c.kind == "campaign", c.not_after <= now)
        .order_by(c.id)
        .limit(limit)
    )
    return [Missed(id=row.id, participant=row.participant, purpose=row.purpose) for row in rows]


def plan_anew(connection: Connection, missed: Missed, slot: Slot) -> None:
    """The next time that a message may go."""
    connection.execute(
        update(t.outbox)
        .where(t.outbox.c.id == missed.id)
        .values(due_at=slot.due_at, not_after=slot.not_after)
    )
    c = t.sent_purpose.c
    connection.execute(
        update(t.sent_purpose)
        .where(
            c.bucket == bucket_of(ParticipantId(missed.participant)),
            c.participant == missed.participant,
            c.purpose == missed.purpose,
        )
        .values(at=slot.due_at)
    )


def list_put(connection: Connection, key: str) -> dict[int, tuple[str, Slot]]:
    """Participant to (channel, slot) of what the outbox holds of a campaign."""
    c = t.outbox.c
    rows = connection.execute(
        select(c.participant, c.channel, c.due_at, c.not_after).where(
            c.kind == "campaign", c.purpose == key
        )
    )
    return {row.participant: (row.channel, Slot(row.due_at, row.not_after or 0)) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a campaign stands: people it was put in the outbox for, and what became of it.

    `due`, `sent` and `failed` (by problem) cover what the outbox still holds: 30 days.
    """

    put: int
    due: int
    sent: int
    failed: dict[str, int]


def account_of(connection: Connection, key: str) -> Account:
    """How the campaign of this name stands."""
    c = t.outbox.c
    put = connection.scalar(select(func.count()).where(t.sent_purpose.c.purpose == key)) or 0
    by_state: dict[str, int] = {}
    failed: dict[str, int] = {}
    rows = connection.execute(
        select(c.state, c.problem, func.count())
        .where(c.kind == "campaign", c.purpose == key)
        .group_by(c.state, c.problem)
        .order_by(c.state, c.problem)
    )
    for state, problem, n in rows:
        by_state[state] = by_state.get(state, 0) + n
        if state == "failed":
            failed[problem] = n
    return Account(
        put=put, due=by_state.get("due", 0), sent=by_state.get("sent", 0), failed=failed
    )


def count_blocked(connection: Connection, left_out: Iterable[str]) -> dict[str, int]:
    """Contact points that cannot be written to any more, by channel."""
    c = t.contact_point.c
    rows = connection.execute(
        select(c.channel, func.count())
        .where(c.state != "open", c.channel.not_in(list(left_out)))
        .group_by(c.channel)
        .order_by(c.channel)
    )
    return {row[0]: row[1] for row in rows}


def count_responses(connection: Connection, consultation: str, wave: int) -> dict[str, int]:
    """How many began, accepted and finished a wave. People on joined channels count twice."""
    r = t.response.c
    row = connection.execute(
        select(
            func.count().label("began"),
            func.count().filter(r.state == "accepted").label("accepted"),
            func.count(r.completed_at).label("finished"),
        ).where(r.consultation == consultation, r.wave == wave)
    ).one()
    return {"began": row.began, "accepted": row.accepted, "finished": row.finished}
