"""The city's replies to themes, revision by revision, and who has to be told."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select

from flows.ids import ParticipantId
from flows.readings import GivenReply
from storage import tables as t
from storage.ledger import AUDIT_BUCKET, Ledger
from storage.linked import kept_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody who raised a theme, asked for results, and has an open channel."""

    participant: ParticipantId
    channel: str
    language: str
    country: str


def record_reply(connection: Connection, consultation: str, reply: GivenReply, actor: str) -> int:
    """Write the next revision of a reply; returns its number."""
    c = t.reply.c
    last = connection.scalar(
        select(func.max(c.revision)).where(c.consultation == consultation, c.theme == reply.theme)
    )
    revision = 0 if last is None else last + 1
    connection.execute(
        insert(t.reply).values(
            consultation=consultation,
            theme=reply.theme,
            revision=revision,
            state=reply.state,
            reason=reply.reason,
            unit=reply.unit,
            due=reply.due,
            replied_at=reply.replied_at,
        )
    )
    ledger = Ledger(connection)
    row = connection.execute(
        select(t.reply).where(
            c.consultation == consultation, c.theme == reply.theme, c.revision == revision
        )
    ).one()
    tell_reply(ledger, row, actor=actor, at=reply.replied_at)
    ledger.flush()
    return revision


def reply_body(row: Row[Any]) -> str:
    """What the ledger says of a reply: which, its state, and a hash of its words."""
    words = "\x1f".join((row.state, row.reason, row.unit, row.due))
    hashed = sha256(words.encode()).hexdigest()
    return f"{row.consultation}/{row.theme}/{row.revision}: {row.state} sha256:{hashed}"


def tell_reply(ledger: Ledger, row: Row[Any], *, actor: str, at: int) -> None:
    """Tell the ledger of a reply."""
    ledger.append(AUDIT_BUCKET, kind="reply", at=at, actor=actor, body=reply_body(row))


def list_replies(
    connection: Connection, consultation: str, before: int | None = None
) -> tuple[GivenReply, ...]:
    """The reply that stands for each theme, at a cut (exclusive) or now."""
    c = t.reply.c
    statement = select(t.reply).where(c.consultation == consultation).order_by(c.revision)
    if before is not None:
        statement = statement.where(c.replied_at < before)
    standing: dict[str, GivenReply] = {}
    for row in connection.execute(statement):
        standing[row.theme] = GivenReply(
            theme=row.theme,
            state=row.state,
            reason=row.reason,
            unit=row.unit,
            due=row.due,
            replied_at=row.replied_at,
            revision=row.revision,
        )
    return tuple(standing[theme] for theme in sorted(standing))


def list_to_tell(
    connection: Connection, consultation: str, theme: str, questions: tuple[str, ...]
) -> list[Addressee]:
    """Who named the theme in one of the questions and asked for results.

    On the channel of their last counted answer; not those who said BASTA.
    """
    a, p = t.answer.c, t.permission.c
    r, who, contact = t.response.c, t.participant.c, t.contact_point.c
    names_theme = or_(*_holds(a.value, theme))
    statement = (
        select(a.participant, r.channel, r.language, r.country)
        .distinct()
        .join(t.current_answer, t.IS_CURRENT)
        .join(t.response, t.OF_RESPONSE)
        .join(
            t.permission,
            and_(
                p.bucket == a.bucket,
                p.participant == a.participant,
                p.consultation == a.consultation,
                p.purpose == "results",
            ),
        )
        .join(t.participant, and_(who.bucket == a.bucket, who.participant == a.participant))
        .join(
            t.contact_point,
            and_(
                contact.bucket == a.bucket,
                contact.participant == a.participant,
                contact.channel == r.channel,
            ),
        )
        .where(
            a.consultation == consultation,
            a.question.in_(questions),
            a.kind == "given",
            names_theme,
            who.silenced_at.is_(None),
            contact.state == "open",
        )
        .order_by(a.participant)
    )
    people: dict[int, Addressee] = {}
    for row in connection.execute(statement):
        people[row.participant] = Addressee(
            participant=ParticipantId(row.participant),
            channel=row.channel,
            language=row.language or "es",
            country=row.country,
        )
    return [
        person
        for person in people.values()  # who joined two channels is told once
        if (kept := kept_of(connection, person.participant)) == person.participant
        or kept not in people
    ]


def _holds(value: ColumnElement[str], code: str) -> tuple[ColumnElement[bool], ...]:
    """Whether a `|`-joined value holds a code."""
    return (
        value == code,
        value.startswith(f"{code}|"),
        value.endswith(f"|{code}"),
        value.contains(f"|{code}|"),
    )
