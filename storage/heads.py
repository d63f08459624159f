"""Daily heads: where every chain of the ledger stands, under one hash that goes outside.

A chain cannot show that its end was cut off; a head that somebody else keeps can.
hash = SHA-256(prev | day | bucket:seq:hash of every chain).
"""

from __future__ import annotations

from hashlib import sha256

import msgspec
from sqlalchemy import Connection, and_, func, insert, select

from storage.account_tables import daily_head
from storage.account_tables import ledger as ledger_table
from storage.counting import day_of
from storage.ledger import GENESIS

Ends = list[tuple[int, int]]
"""(bucket, seq) of the last link of each chain."""


def make_head(connection: Connection, now: int) -> str | None:
    """Today's head (UTC), once a day; None when there is one already or nothing to tell."""
    day = day_of(now)
    last = connection.execute(
        select(daily_head.c.day, daily_head.c.hash).order_by(daily_head.c.day.desc()).limit(1)
    ).first()
    if last is not None and last.day >= day:
        return None
    c = ledger_table.c
    rows = connection.execute(select(c.bucket, func.max(c.seq)).group_by(c.bucket))
    ends = [(bucket, seq) for bucket, seq in rows]
    if not ends:
        return None
    prev = last.hash if last is not None else GENESIS
    found = head_hash(connection, prev, day, ends)
    connection.execute(
        insert(daily_head).values(
            day=day, made_at=now, ends=msgspec.json.encode(ends), prev=prev, hash=found
        )
    )
    return found.hex()


def head_hash(connection: Connection, prev: bytes, day: str, ends: Ends) -> bytes:
    """The hash over the links that stand at these ends; a link that is gone counts as none."""
    c, said = ledger_table.c, [prev, day.encode()]
    for bucket, seq in ends:
        link = connection.scalar(select(c.hash).where(and_(c.bucket == bucket, c.seq == seq)))
        said.append(f"{bucket}:{seq}:".encode() + (link or b""))
    return sha256(b"\x1f".join(said)).digest()


def broken_heads(connection: Connection) -> list[str]:
    """Days whose head no longer fits the one before, and the last if the chains do not fit it."""
    broken, prev, last = [], GENESIS, None
    for row in connection.execute(select(daily_head).order_by(daily_head.c.day)):
        if row.prev != prev:
            broken.append(row.day)
        prev, last = row.hash, row
    if last is not None:
        ends = msgspec.json.decode(last.ends, type=Ends)
        if head_hash(connection, last.prev, last.day, ends) != last.hash:
            broken.append(last.day)
    return broken


def last_head(connection: Connection) -> tuple[str, str, int] | None:
    """(day, hash, made_at) of the last head."""
    c = daily_head.c
    row = connection.execute(
        select(c.day, c.hash, c.made_at).order_by(c.day.desc()).limit(1)
    ).first()
    return (row.day, row.hash.hex(), row.made_at) if row is not None else None
