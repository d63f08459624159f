"""Accounting: reasons and counts of accepted updates, seals, daily heads, who withdrew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

EMPTY = sa.text("x''")


def upgrade() -> None:
    """Add them, and count what is there already."""
    op.add_column("inbox", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    for table in ("answer", "response"):
        op.add_column(
            table, sa.Column("seal", sa.LargeBinary(), server_default=EMPTY, nullable=False)
        )
    op.add_column(
        "session", sa.Column("recent", sa.LargeBinary(), server_default=EMPTY, nullable=False)
    )
    _counts()
    _heads()
    _count()


def _counts() -> None:
    op.create_table(
        "accepted_count",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "outcome", name=op.f("pk_accepted_count")),
    )
    op.create_table(
        "row_count",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "name", name=op.f("pk_row_count")),
        sqlite_with_rowid=False,
    )


def _heads() -> None:
    op.create_table(
        "daily_head",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_head")),
    )
    op.create_table(
        "tombstone",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "participant", "consultation", name=op.f("pk_tombstone")
        ),
        sqlite_with_rowid=False,
    )


def _count() -> None:
    """What was there before this version enters the counts as it is found."""
    op.execute(
        "INSERT INTO accepted_count (day, channel, outcome, n)"
        " SELECT strftime('%Y-%m-%d', received_at / 1000000, 'unixepoch'), channel, outcome,"
        " count(*) FROM inbox GROUP BY 1, 2, 3"
    )
    op.execute("UPDATE inbox SET reason = 'before_reasons' WHERE outcome <> 'applied'")
    for name in ("answer", "response", "outbox"):
        op.execute(
            f"INSERT INTO row_count (bucket, name, n)"  # noqa: S608 - a name of the three above
            f" SELECT bucket, '{name}', count(*) FROM {name} GROUP BY bucket"
        )
