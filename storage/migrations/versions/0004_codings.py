"""Open answers: what coders said of each text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of codings."""
    op.create_table(
        "coding",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("coder", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("codes", sa.Text(), server_default="", nullable=False),
        sa.Column("coded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket",
            "participant",
            "consultation",
            "wave",
            "question",
            "coder",
            name=op.f("pk_coding"),
        ),
        sqlite_with_rowid=False,
    )
