"""Telegram and the officials' desk: gaps, officials, what happens once; receipts are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the new tables, and what joining two channels needs."""
    op.create_table(
        "channel_state",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_state")),
    )
    op.create_table(
        "official",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_official")),
        sa.CheckConstraint(
            "role IN ('analyst', 'moderator', 'viewer')", name=op.f("ck_official_role")
        ),
    )
    op.create_table(
        "enrolment",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_enrolment")),
    )
    op.create_table(
        "done_once",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_done_once")),
    )
    op.create_table(
        "join_request",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("absorbed", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "participant", name=op.f("pk_join_request")),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "answers_link", sa.Column("channel", sa.Text(), server_default="", nullable=False)
    )
    op.create_index(op.f("ix_response_receipt"), "response", ["receipt"])
