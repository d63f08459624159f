"""The calendar: waves as decided, silences lifted, until when a message may go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the new tables, and what campaigns need of the outbox."""
    op.create_table(
        "wave",
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("consultation", "number", name=op.f("pk_wave")),
        sa.CheckConstraint("state IN ('planned', 'open', 'closed')", name=op.f("ck_wave_state")),
    )
    op.create_table(
        "silence_override",
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("first_day", name=op.f("pk_silence_override")),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_silence_override_name")),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_silence_override_reason")),
    )
    op.add_column("outbox", sa.Column("not_after", sa.BigInteger(), nullable=True))
    op.add_column(
        "sent_purpose", sa.Column("at", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_index(op.f("ix_sent_purpose_purpose"), "sent_purpose", ["purpose"])
