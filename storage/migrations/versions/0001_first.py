"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of `storage/tables.py`."""
    _participants()
    _contacts()
    _conversation()
    _responses()
    _answers()
    _messages()
    _city()


def _participants() -> None:
    """Who there is, who is one person, and what each permits."""
    op.create_table(
        "participant",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("silenced_at", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("bucket", "participant", name=op.f("pk_participant")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "participant_link",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("absorbed", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "absorbed", name=op.f("pk_participant_link")),
    )
    op.create_table(
        "permission",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "participant", "consultation", "purpose", name=op.f("pk_permission")
        ),
        sqlite_with_rowid=False,
    )


def _contacts() -> None:
    """Addresses, sealed, and the hashes that find them."""
    op.create_table(
        "contact_point",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "participant", "channel", name=op.f("pk_contact_point")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact_index",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_contact_index")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact_answer",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "participant", "consultation", "question", name=op.f("pk_contact_answer")
        ),
        sqlite_with_rowid=False,
    )


def _conversation() -> None:
    """What arrived, what could not be handled, and where each person is."""
    op.create_table(
        "inbox",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('applied', 'ignored', 'quarantined')", name=op.f("ck_inbox_outcome")
        ),
        sa.PrimaryKeyConstraint("bucket", "key", name=op.f("pk_inbox")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "session",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "participant", name=op.f("pk_session")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_table(
        "answers_link",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answers_link")),
    )


def _responses() -> None:
    """Who took part in a wave, and how many withdrew."""
    op.create_table(
        "response",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("residence", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("sector", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_type", sa.Text(), server_default="", nullable=False),
        sa.Column("area", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('started', 'declined', 'under_age', 'accepted')",
            name=op.f("ck_response_state"),
        ),
        sa.PrimaryKeyConstraint(
            "bucket", "participant", "consultation", "wave", name=op.f("pk_response")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withdrawn_count",
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation", "wave", "week", name=op.f("pk_withdrawn_count")),
    )


def _answers() -> None:
    """Every revision, and the pointer to the one that stands."""
    op.create_table(
        "answer",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("loop", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("question_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("other_text", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('given', 'skipped', 'cleared')", name=op.f("ck_answer_kind")),
        sa.PrimaryKeyConstraint(
            "bucket",
            "participant",
            "consultation",
            "wave",
            "question",
            "loop",
            "revision",
            name=op.f("pk_answer"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_answer_consultation_wave_question"),
        "answer",
        ["consultation", "wave", "question"],
        unique=False,
    )
    op.create_table(
        "current_answer",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("loop", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket",
            "participant",
            "consultation",
            "wave",
            "question",
            "loop",
            name=op.f("pk_current_answer"),
        ),
        sqlite_with_rowid=False,
    )


def _messages() -> None:
    """What is to be sent, and what was put there once."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="reply", nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('reply', 'campaign')", name=op.f("ck_outbox_kind")),
        sa.CheckConstraint("state IN ('due', 'sent', 'failed')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_outbox_bucket_participant_channel_id"),
        "outbox",
        ["bucket", "participant", "channel", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outbox_state_channel_kind_id"),
        "outbox",
        ["state", "channel", "kind", "id"],
        unique=False,
    )
    op.create_table(
        "sent_purpose",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "participant", "purpose", name=op.f("pk_sent_purpose")),
        sqlite_with_rowid=False,
    )


def _city() -> None:
    """What the city owes and shows: the ledger, its replies, its publications."""
    op.create_table(
        "ledger",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "seq", name=op.f("pk_ledger")),
    )
    op.create_table(
        "reply",
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('accepted', 'in_part', 'not_accepted', 'in_study')",
            name=op.f("ck_reply_state"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_reply_reason")),
        sa.PrimaryKeyConstraint("consultation", "theme", "revision", name=op.f("pk_reply")),
    )
    op.create_table(
        "publication",
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consultation", "wave", "number", name=op.f("pk_publication")),
    )
