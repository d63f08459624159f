"""Consent and audit, written down once and chained: a changed byte breaks the chain.

One chain per bucket. hash = SHA-256(prev | seq | kind | at | actor | body).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from storage.account_tables import ledger as ledger_table

GENESIS = bytes(32)
AUDIT_BUCKET = 0
"""What officials and the program do belongs to no participant; its chain is bucket 0's."""


class Ledger:
    """The ends of the chains that a transaction touches, and the links it adds."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._heads: dict[int, tuple[int, bytes]] = {}
        self._rows: list[dict[str, Any]] = []

    def append(self, bucket: int, *, kind: str, at: int, body: str, actor: str = "") -> None:
        """Add a link to the chain of a bucket."""
        seq, prev = self._head(bucket)
        link = link_hash(prev, seq, kind, at, actor, body)
        self._heads[bucket] = (seq + 1, link)
        self._rows.append(
            {
                "bucket": bucket,
                "seq": seq,
                "kind": kind,
                "at": at,
                "actor": actor,
                "body": body,
                "prev": prev,
                "hash": link,
            }
        )

    def _head(self, bucket: int) -> tuple[int, bytes]:
        if bucket not in self._heads:
            c = ledger_table.c
            last = self.connection.execute(
                select(c.seq, c.hash).where(c.bucket == bucket).order_by(c.seq.desc()).limit(1)
            ).first()
            self._heads[bucket] = (last.seq + 1, last.hash) if last else (0, GENESIS)
        return self._heads[bucket]

    def flush(self) -> None:
        """Write the links added so far."""
        if self._rows:
            self.connection.execute(insert(ledger_table), self._rows)
            self._rows.clear()
        self._heads.clear()  # another ledger may add to these chains before the next link


def as_body(content: Any) -> str:
    """What a link says, as JSON that is always the same."""
    return msgspec.json.encode(content, order="deterministic").decode()


def link_hash(prev: bytes, seq: int, kind: str, at: int, actor: str, body: str) -> bytes:
    """The hash of one link."""
    parts = "\x1f".join((str(seq), kind, str(at), actor, body))
    return sha256(prev + parts.encode()).digest()


def broken_links(connection: Connection) -> list[tuple[int, int]]:
    """(bucket, seq) of every link whose hash or predecessor does not hold."""
    c = ledger_table.c
    broken = []
    expected: dict[int, tuple[int, bytes]] = {}
    for row in connection.execute(select(ledger_table).order_by(c.bucket, c.seq)):
        seq, prev = expected.get(row.bucket, (0, GENESIS))
        link = link_hash(row.prev, row.seq, row.kind, row.at, row.actor, row.body)
        if row.seq != seq or row.prev != prev or row.hash != link:
            broken.append((row.bucket, row.seq))
        expected[row.bucket] = (row.seq + 1, row.hash)
    return broken
