"""Publications as versions: what became of one, and what it corrects; answers found by time."""

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
    op.drop_index(op.f("ix_answer_consultation_wave_question"), "answer")
    op.create_index(
        op.f("ix_answer_consultation_question_answered_at_kind"),
        "answer",
        ["consultation", "question", "answered_at", "kind"],
    )
