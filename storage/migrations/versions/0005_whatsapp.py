"""WhatsApp: what a platform took and what became of it; when somebody last wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Two tables, and the claim of a campaign message."""
    op.add_column("outbox", sa.Column("claimed_at", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("claims", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "dispatch",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("opens", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dispatch")),
        sa.CheckConstraint(
            "status IN ('accepted', 'sent', 'failed', 'delivered', 'read')",
            name=op.f("ck_dispatch_status"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_dispatch_outbox_id"), "dispatch", ["outbox_id"])
    op.create_index(op.f("ix_dispatch_channel_sent_at"), "dispatch", ["channel", "sent_at"])
    op.create_table(
        "last_heard",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "participant", "channel", name=op.f("pk_last_heard")),
        sqlite_with_rowid=False,
    )
