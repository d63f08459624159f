"""Checks of what came in and what goes out: updates, quarantine, people, the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from storage import tables as t
from storage.account_tables import accepted_count, row_count, tombstone
from storage.counting import COUNTED, day_of
from storage.errors import StorageError
from storage.keys import KeyRing
from storage.participants import address_of
from storage.retention import DAY, KEPT_DAYS

Check = Callable[..., Iterator[str]]


def accepted(connection: Connection, *, now: int, **_: Any) -> Iterator[str]:
    """accepted = applied + ignored + quarantined, day by day, against what is kept of them."""
    c = accepted_count.c
    told = {(row.day, row.channel, row.outcome): row.n for row in connection.execute(
        select(c.day, c.channel, c.outcome, c.n)
    )}  # fmt: skip
    i = t.inbox.c
    day = func.strftime("%Y-%m-%d", i.received_at / 1_000_000, "unixepoch")
    found = {
        (row[0], row[1], row[2]): row[3]
        for row in connection.execute(
            select(day, i.channel, i.outcome, func.count()).group_by(day, i.channel, i.outcome)
        )
    }
    kept_since = day_of(now - (KEPT_DAYS + 1) * DAY)
    for key in sorted(told.keys() | found.keys()):
        n, counted = found.get(key, 0), told.get(key, 0)
        is_forgotten = n == 0 and key[0] <= kept_since
        if n != counted and not is_forgotten:
            yield f"{key[0]}, {key[1]}, {key[2]}: {n} rows, {counted} were accepted."


def reasons(connection: Connection, **_: Any) -> Iterator[str]:
    """What was ignored or quarantined has its reason."""
    c = t.inbox.c
    for row in connection.execute(
        select(c.bucket, c.key).where(c.outcome != "applied", c.reason == "")
    ):
        yield f"update {row.key.hex()} of bucket {row.bucket}: no reason why it was not applied."


def quarantined(connection: Connection, **_: Any) -> Iterator[str]:
    """Every quarantined update has its row in quarantine, and the other way round."""
    i, q = t.inbox.c, t.quarantine.c
    inside = {
        (row.bucket, row.key): row.reason
        for row in connection.execute(select(q.bucket, q.key, q.reason))
    }
    listed = {
        (row.bucket, row.key): row.reason
        for row in connection.execute(
            select(i.bucket, i.key, i.reason).where(i.outcome == "quarantined")
        )
    }
    for bucket, key in sorted(listed.keys() - inside.keys()):
        yield f"update {key.hex()} of bucket {bucket} was quarantined and is not there."
    for bucket, key in sorted(inside.keys() - listed.keys()):
        yield f"update {key.hex()} of bucket {bucket} is there and was not quarantined."
    for bucket, key in sorted(listed.keys() & inside.keys()):
        if listed[bucket, key] not in (inside[bucket, key], "before_reasons"):
            yield f"update {key.hex()} of bucket {bucket}: another reason than it was given."


def counts(connection: Connection, **_: Any) -> Iterator[str]:
    """Answers, responses and messages are as many as were written."""
    c = row_count.c
    told = {
        (row.name, row.bucket): row.n for row in connection.execute(select(c.name, c.bucket, c.n))
    }
    found: dict[tuple[str, int], int] = {}
    for name in COUNTED:
        table = t.metadata.tables[name]
        rows = connection.execute(select(table.c.bucket, func.count()).group_by(table.c.bucket))
        found |= {(name, row[0]): row[1] for row in rows}
    for key in sorted(told.keys() | found.keys()):
        n, counted = found.get(key, 0), told.get(key, 0)
        if n != counted:
            yield f"{key[0]}, bucket {key[1]}: {n} rows, {counted} were written."


def owners(connection: Connection, **_: Any) -> Iterator[str]:
    """Whatever belongs to a participant belongs to one that is there."""
    owned: tuple[Table, ...] = (t.session, t.response, t.contact_point, t.outbox, t.permission)
    for table in owned:
        for participant in connection.scalars(_without(table, t.participant)):
            yield f"participant {participant} is not there, and has rows in {table.name}."
    for participant in connection.scalars(
        _without(t.participant, t.contact_point).where(
            t.participant.c.participant.not_in(select(tombstone.c.participant))
        )
    ):
        yield f"participant {participant} has no contact point."


def _without(table: Table, other: Table) -> Any:
    """Participants of a table that have no row in another."""
    mine, theirs = table.c, other.c
    return (
        select(mine.participant)
        .distinct()
        .outerjoin(
            other,
            and_(theirs.bucket == mine.bucket, theirs.participant == mine.participant),
        )
        .where(theirs.participant.is_(None))
        .order_by(mine.participant)
    )


def contacts(connection: Connection, *, keys: KeyRing, **_: Any) -> Iterator[str]:
    """Every address can be read, and is found by its hash; no hash leads nowhere."""
    index = {row.key: row.participant for row in connection.execute(select(t.contact_index))}
    links = {row.absorbed: row.kept for row in connection.execute(select(t.participant_link))}
    reached = set()
    for row in connection.execute(select(t.contact_point)):
        try:
            address = address_of(keys, row.participant, row.address)
        except StorageError:
            yield f"{row.channel} of participant {row.participant}: the address is not as written."
            continue
        wanted = links.get(row.participant, row.participant)
        found = {keys.hash("contact", row.channel, address)}
        if not found & index.keys():  # two addresses of one person stand together
            found = {keys.hash("contact", row.channel, one) for one in address.split()}
        reached |= found
        leads = {index.get(key) for key in found}
        if row.state == "open" and not leads <= {row.participant, wanted}:
            yield f"{row.channel} of participant {row.participant} is not found by its address."
    for key in sorted(index.keys() - reached):
        yield f"a hash leads to participant {index[key]}, who has no such address."


def contact_answers(connection: Connection, *, keys: KeyRing, **_: Any) -> Iterator[str]:
    """What belongs with the contact can be read."""
    for row in connection.execute(select(t.contact_answer)):
        try:
            keys.decrypt(row.value, f"contact_answer.value:{row.participant}")
        except StorageError:
            yield f"{row.question} of participant {row.participant} is not as it was written."


def outbox(connection: Connection, **_: Any) -> Iterator[str]:
    """Every message is in a state that can be, and can be sent."""
    c, point, purpose = t.outbox.c, t.contact_point.c, t.sent_purpose.c
    last = connection.exec_driver_sql(
        "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
    ).scalar()
    statement = (
        select(c.id, c.state, c.kind, c.sent_at, point.channel, purpose.purpose)
        .outerjoin(
            t.contact_point,
            and_(
                point.bucket == c.bucket,
                point.participant == c.participant,
                point.channel == c.channel,
            ),
        )
        .outerjoin(
            t.sent_purpose,
            and_(
                purpose.bucket == c.bucket,
                purpose.participant == c.participant,
                purpose.purpose == c.purpose,
            ),
        )
        .order_by(c.id)
    )
    for row in connection.execute(statement):
        says = _message_problem(row, last or 0)
        if says:
            yield f"message {row.id}: {says}"


def _message_problem(row: Any, last: int) -> str:
    if (row.state == "sent") != (row.sent_at is not None):
        return "sent without a time, or with a time and not sent."
    if row.state == "due" and row.channel is None:
        return "it is due to nobody's address."
    if row.kind == "campaign" and row.purpose is None:
        return "nobody noted that it was to go out."
    if row.id > last:
        return "its number was never given."
    return ""


UPDATE_CHECKS: tuple[tuple[str, Check], ...] = (
    ("inbox", accepted),
    ("inbox", reasons),
    ("quarantine", quarantined),
    ("row_count", counts),
    ("participant", owners),
    ("contact_point", contacts),
    ("contact_answer", contact_answers),
    ("outbox", outbox),
)
