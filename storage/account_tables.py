"""Tables by which the records account for themselves: counts, chains, who withdrew.

They belong to `storage.tables.metadata` like every other.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from storage.tables import metadata

__all__ = ["accepted_count", "daily_head", "ledger", "metadata", "row_count", "tombstone"]

accepted_count = Table(
    "accepted_count",
    metadata,
    Column("day", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("n", Integer, nullable=False),
    PrimaryKeyConstraint("day", "channel", "outcome"),
)
"""How many updates ended how on a day (UTC, by when they came); outlives the inbox."""

row_count = Table(
    "row_count",
    metadata,
    Column("bucket", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("n", Integer, nullable=False),
    PrimaryKeyConstraint("bucket", "name"),
    sqlite_with_rowid=False,
)
"""How many rows of a table a bucket has by our own count: one deleted behind us is missed."""

ledger = Table(
    "ledger",
    metadata,
    Column("bucket", SmallInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False, server_default=""),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("bucket", "seq"),
)
"""Consent and audit as one hash chain per bucket; append-only."""

daily_head = Table(
    "daily_head",
    metadata,
    Column("day", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("ends", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("day"),
)
"""Where every chain stood that day, under one hash: what an auditor keeps outside."""

tombstone = Table(
    "tombstone",
    metadata,
    Column("bucket", SmallInteger, nullable=False),
    Column("participant", BigInteger, nullable=False),
    Column("consultation", Text, nullable=False),
    Column("erased_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "participant", "consultation"),
    sqlite_with_rowid=False,
)
"""Who withdrew, and when: nothing said before comes back, not from a backup either."""
