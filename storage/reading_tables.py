"""Tables of what officials add to what was said: codings of open answers. See `storage.tables`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint

from storage.columns import owned, text

coding = owned(
    "coding",
    text("consultation", None),
    Column("wave", Integer, nullable=False),
    text("question", None),
    text("coder", None),
    Column("answered_at", BigInteger, nullable=False),
    text("codes"),
    Column("coded_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "participant", "consultation", "wave", "question", "coder"),
)
"""A coder's themes of an open answer; `answered_at` names the revision that was read."""
