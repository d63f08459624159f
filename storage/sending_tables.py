"""Tables of what platforms took and told, and of when people wrote. See `storage.tables`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)

from storage.columns import metadata, owned, text

dispatch = Table(
    "dispatch",
    metadata,
    Column("key", LargeBinary, nullable=False),
    Column("outbox_id", Integer, nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("participant", BigInteger, nullable=False),
    text("channel", None),
    text("status", None),
    Column("status_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("opens", SmallInteger, nullable=False, server_default="0"),
    Column("code", Integer),
    text("category"),
    PrimaryKeyConstraint("key"),
    CheckConstraint(
        "status IN ('accepted', 'sent', 'failed', 'delivered', 'read')", name="status"
    ),
    Index(None, "outbox_id"),
    Index(None, "channel", "sent_at"),
    sqlite_with_rowid=False,
)
"""One message as a platform took it, by keyed hash of the platform's id, and what became of it.

`opens`: it went to somebody who had not written within the platform's window. `code` is the
platform's error, `category` what the platform bills it as.
"""

last_heard = owned(
    "last_heard",
    text("channel", None),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "participant", "channel"),
)
"""When a person last wrote, by the platform's clock: free text may answer for a day after it."""
