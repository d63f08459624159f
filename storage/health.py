"""Whether the records can be written, and the few numbers that a monitor reads of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from storage import tables as t
from storage.account_tables import tombstone
from storage.gaps import set_seen
from storage.heads import last_head

PROBE = "readiness"


def prove_writable(connection: Connection, now: int) -> None:
    """Write a row; if the commit after it succeeds, an update could have been taken in."""
    set_seen(connection, PROBE, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Ages are in microseconds. `oldest_due` is by (channel, kind); `erasure_due` is how long a
    withdrawal has waited to be carried out, 0 as it should be.
    """

    quarantined: int
    oldest_due: dict[tuple[str, str], int]
    erasure_due: int
    head_age: int | None


def measure(connection: Connection, now: int) -> Health:
    """Read the numbers."""
    c, r, d = t.outbox.c, t.response.c, tombstone.c
    rows = connection.execute(
        select(c.channel, c.kind, func.min(c.due_at))
        .where(c.state == "due", c.due_at <= now)
        .group_by(c.channel, c.kind)
    )
    erased_at = connection.scalar(
        select(func.min(d.erased_at)).join(
            t.response,
            and_(
                r.bucket == d.bucket,
                r.participant == d.participant,
                r.consultation == d.consultation,
                r.started_at <= d.erased_at,
            ),
        )
    )
    head = last_head(connection)
    return Health(
        quarantined=connection.scalar(select(func.count()).select_from(t.quarantine)) or 0,
        oldest_due={(channel, kind): now - at for channel, kind, at in rows},
        erasure_due=now - erased_at if erased_at is not None else 0,
        head_age=now - head[2] if head is not None else None,
    )
