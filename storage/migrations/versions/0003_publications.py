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
    if op.get_bind().dialect.name == "sqlite":
        _tell_the_shape()


def _tell_the_shape() -> None:
    """Tell SQLite's planner what the tables look like, before they have rows to be looked at.

    Without it the planner takes ten rows per consultation for granted, and looks for a person's
    next revision among everybody's answers. What ANALYZE finds in tables with rows stands.
    """
    op.execute("ANALYZE")
    bind = op.get_bind()
    known = {row[0] for row in bind.execute(sa.text("SELECT idx FROM sqlite_stat1"))}
    told = sa.text("INSERT INTO sqlite_stat1 VALUES (:table, :index, :stat)")
    for table, index, stat in SHAPE:
        if index not in known:
            bind.execute(told, {"table": table, "index": index, "stat": stat})
    op.execute("ANALYZE sqlite_schema")


SHAPE = (
    ("answer", "answer", "400000 391 20 20 20 1 1 1"),
    ("answer", "ix_answer_consultation_question_answered_at_kind", "400000 400000 20000 40 40"),
    ("current_answer", "current_answer", "400000 391 20 20 20 1 1"),
    ("response", "response", "20000 20 1 1 1"),
)
"""Table, index, and rows in all and per prefix of the key: 20,000 people with 20 answers."""
