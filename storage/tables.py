"""Every table. The bucket comes first in the key of whatever belongs to a participant.

Times are UTC in integer microseconds. Constraints are named, there is no trigger, and nothing
refers across buckets: the bucket is the unit of ownership and of distribution.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    and_,
    text,
)

from storage.columns import metadata
from storage.columns import owned as _owned
from storage.columns import text as _text
from storage.reading_tables import coding
from storage.sending_tables import dispatch, last_heard

__all__ = ["coding", "dispatch", "last_heard", "metadata"]


def _seal() -> Column[bytes]:
    """A keyed hash of the rest of the row: a row changed behind us no longer fits it."""
    return Column("seal", LargeBinary, nullable=False, server_default=text("x''"))


inbox = Table(
    "inbox",
    metadata,
    Column("bucket", SmallInteger, nullable=False),
    Column("key", LargeBinary, nullable=False),
    _text("channel"),
    _text("outcome"),
    _text("reason"),
    Column("received_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "key"),
    CheckConstraint("outcome IN ('applied', 'ignored', 'quarantined')", name="outcome"),
    sqlite_with_rowid=False,
)
"""Keyed hashes of what was accepted, for 30 days, each with how it ended and why."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", SmallInteger, nullable=False),
    Column("key", LargeBinary, nullable=False),
    _text("channel"),
    _text("reason"),
    Column("raw", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)
"""What could not be handled, with its raw bytes."""

participant = _owned(
    "participant",
    Column("created_at", BigInteger, nullable=False),
    Column("silenced_at", BigInteger),
    _text("language"),
    PrimaryKeyConstraint("bucket", "participant"),
)

participant_link = Table(
    "participant_link",
    metadata,
    Column("bucket", SmallInteger, nullable=False),
    Column("absorbed", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Column("linked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "absorbed"),
)
"""One person behind two participants (RC15); it moves nothing, readers resolve it."""

join_request = _owned(
    "join_request",
    Column("absorbed", BigInteger, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "participant"),
)
"""Somebody with this participant's receipt asks to be joined; waits for a yes."""

contact_point = _owned(
    "contact_point",
    _text("channel", None),
    Column("address", LargeBinary, nullable=False),
    _text("state", "open"),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "participant", "channel"),
)
"""Addresses, encrypted; the only place that has them."""

contact_index = Table(
    "contact_index",
    metadata,
    Column("key", LargeBinary, nullable=False),
    Column("participant", BigInteger, nullable=False),
    PrimaryKeyConstraint("key"),
    sqlite_with_rowid=False,
)
"""Keyed hash of (channel, address) to participant; distributed by its own key."""

contact_answer = _owned(
    "contact_answer",
    _text("consultation", None),
    _text("question", None),
    Column("value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("bucket", "participant", "consultation", "question"),
)
"""Answers that belong with the contact, encrypted, and in no table of results."""

session = _owned(
    "session",
    Column("state", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("recent", LargeBinary, nullable=False, server_default=text("x''")),
    PrimaryKeyConstraint("bucket", "participant"),
)
"""Where each conversation stands; `recent`: what came last, for texts that come late."""

response = _owned(
    "response",
    _text("consultation", None),
    Column("wave", Integer, nullable=False),
    _text("state"),
    Column("started_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    _text("residence"),
    _text("country"),
    _text("sector"),
    _text("actor_type"),
    _text("area"),
    _text("language"),
    _text("channel"),
    _text("source"),
    Column("receipt", LargeBinary),
    _seal(),
    PrimaryKeyConstraint("bucket", "participant", "consultation", "wave"),
    CheckConstraint("state IN ('started', 'declined', 'under_age', 'accepted')", name="state"),
    Index(None, "receipt"),
)
"""A participant's part in a wave, with its segments; declined and under age hold no more."""

_ANSWER_KEY = ("bucket", "participant", "consultation", "wave", "question", "loop")

answer = _owned(
    "answer",
    _text("consultation", None),
    Column("wave", Integer, nullable=False),
    _text("question", None),
    Column("loop", Integer, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False),
    Column("question_version", Integer, nullable=False),
    _text("kind", None),
    _text("value"),
    _text("other_text"),
    Column("answered_at", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
    _seal(),
    PrimaryKeyConstraint(*_ANSWER_KEY, "revision"),
    CheckConstraint("kind IN ('given', 'skipped', 'cleared')", name="kind"),
    Index(None, "consultation", "question", "answered_at", "kind"),
)
"""Every revision of every answer; insert-only. Codes are joined by `|`."""

current_answer = _owned(
    "current_answer",
    _text("consultation", None),
    Column("wave", Integer, nullable=False),
    _text("question", None),
    Column("loop", Integer, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint(*_ANSWER_KEY),
)
"""Points at the last revision, in the same transaction."""

IS_CURRENT = and_(
    *(current_answer.c[name] == answer.c[name] for name in (*_ANSWER_KEY, "revision"))
)
"""Joins an answer to the pointer that says it stands."""

OF_RESPONSE = and_(
    *(
        response.c[name] == answer.c[name]
        for name in ("bucket", "participant", "consultation", "wave")
    )
)
"""Joins an answer to its response."""

permission = _owned(
    "permission",
    _text("consultation", None),
    _text("purpose", None),
    Column("granted_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "participant", "consultation", "purpose"),
)

wave = Table(
    "wave",
    metadata,
    _text("consultation", None),
    Column("number", Integer, nullable=False),
    _text("state", "planned"),
    Column("opens_at", BigInteger),
    Column("closes_at", BigInteger),
    PrimaryKeyConstraint("consultation", "number"),
    CheckConstraint("state IN ('planned', 'open', 'closed')", name="state"),
)
"""What was decided of a wave, and how far it is; a time that is null is the definition's."""

silence_override = Table(
    "silence_override",
    metadata,
    _text("first_day", None),
    _text("name", None),
    _text("reason", None),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("first_day"),
    CheckConstraint("length(trim(name)) > 0", name="name"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
)
"""A silence period, by its first day, that somebody lifted, and why."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", SmallInteger, nullable=False),
    Column("participant", BigInteger, nullable=False),
    _text("channel", None),
    _text("kind", "reply"),
    _text("purpose"),
    Column("message", LargeBinary, nullable=False),
    _text("state", "due"),
    Column("due_at", BigInteger, nullable=False),
    Column("not_after", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", BigInteger),
    _text("problem"),
    Column("claimed_at", BigInteger),
    Column("claims", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('due', 'sent', 'failed')", name="state"),
    CheckConstraint("kind IN ('reply', 'campaign')", name="kind"),
    Index(None, "state", "channel", "kind", "id"),
    Index(None, "bucket", "participant", "channel", "id"),
    sqlite_autoincrement=True,
)
"""What is still to be sent, and for a while what was.

A campaign message is claimed before it goes to a platform that tells later what became of it:
who finds a claim without an answer waits for that platform to tell before sending again.
"""

sent_purpose = _owned(
    "sent_purpose",
    _text("purpose", None),
    Column("at", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("bucket", "participant", "purpose"),
    Index(None, "purpose"),
)
"""(purpose, consultation, wave) of a campaign and when it goes, as planned now: none twice."""

answers_link = Table(
    "answers_link",
    metadata,
    Column("key", LargeBinary, nullable=False),
    Column("participant", BigInteger, nullable=False),
    _text("consultation"),
    _text("channel"),
    Column("expires_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger),
    PrimaryKeyConstraint("key"),
)
"""One-time links to one's own answers, by the hash of their token."""

ticket = Table(
    "ticket",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", SmallInteger, nullable=False),
    Column("participant", BigInteger, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)
"""PERSONA: somebody asked for a person of the city."""

withdrawn_count = Table(
    "withdrawn_count",
    metadata,
    _text("consultation", None),
    Column("wave", Integer, nullable=False),
    _text("week", None),
    Column("n", Integer, nullable=False),
    PrimaryKeyConstraint("consultation", "wave", "week"),
)
"""An anonymous counter, so that the states of RC1 still add up after BORRAR."""

reply = Table(
    "reply",
    metadata,
    _text("consultation", None),
    _text("theme", None),
    Column("revision", Integer, nullable=False),
    _text("state", None),
    _text("reason", None),
    _text("unit", None),
    _text("due", None),
    Column("replied_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("consultation", "theme", "revision"),
    CheckConstraint("state IN ('accepted', 'in_part', 'not_accepted', 'in_study')", name="state"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
)
"""The city's reasoned answers to themes; a later revision stands, none is deleted."""

publication = Table(
    "publication",
    metadata,
    _text("consultation", None),
    Column("wave", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("corrects", Integer),
    _text("note"),
    _text("mark"),
    PrimaryKeyConstraint("consultation", "wave", "number"),
)
"""Cuts of the public tables (RC6d). Wave 0 stands for all waves together.

`corrects`: the number of an earlier one of the same cut, with a `note` that says why. `mark`:
what happened since, `withdrawn` or `corrected`; such a file is not to be handed on."""

channel_state = Table(
    "channel_state",
    metadata,
    _text("channel", None),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("channel"),
)
"""When a channel was last known to receive: after a long gap people are asked again."""

official = Table(
    "official",
    metadata,
    Column("key", LargeBinary, nullable=False),
    _text("name", None),
    _text("role", None),
    _text("language"),
    Column("address", LargeBinary, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    PrimaryKeyConstraint("key"),
    CheckConstraint("role IN ('analyst', 'moderator', 'viewer')", name="role"),
)
"""Who may use the desk, by keyed hash of the messenger's id; a revoked row stays."""

enrolment = Table(
    "enrolment",
    metadata,
    Column("key", LargeBinary, nullable=False),
    _text("name", None),
    _text("role", None),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    PrimaryKeyConstraint("key"),
)
"""Single-use links to the desk, by the hash of their code."""

done_once = Table(
    "done_once",
    metadata,
    _text("name", None),
    Column("done_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("name"),
)
"""What may happen once only, whoever tries: a week's push to an official, an alert."""
