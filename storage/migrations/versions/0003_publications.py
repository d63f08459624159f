"""Publications as versions: what was withdrawn or corrected since, and what a correction mends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what happened to a publication after it was made."""
    op.add_column("publication", sa.Column("corrects", sa.Integer(), nullable=True))
    for name in ("note", "mark"):
        op.add_column("publication", sa.Column(name, sa.Text(), server_default="", nullable=False))
