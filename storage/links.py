"""One-time links to one's own answers: ten minutes, one opening, found by a keyed hash."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from flows.ids import ParticipantId, bucket_of
from flows.session import Session, load_session
from storage import tables as t
from storage.keys import KeyRing
from storage.linked import kept_of


def open_answers_link(
    connection: Connection, keys: KeyRing, token: str, now: int
) -> tuple[ParticipantId, str, str] | None:
    """Redeem a token: (participant, consultation, channel); None: used, old or unknown."""
    c = t.answers_link.c
    opened = connection.execute(
        update(t.answers_link)
        .where(
            c.key == keys.hash("answers_link", token), c.opened_at.is_(None), c.expires_at > now
        )
        .values(opened_at=now)
        .returning(c.participant, c.consultation, c.channel)
    ).first()
    if opened is None:
        return None
    return kept_of(connection, opened.participant), opened.consultation, opened.channel


def find_session(connection: Connection, participant: ParticipantId) -> Session | None:
    """The session of a participant, or None."""
    c = t.session.c
    state = connection.scalar(
        select(c.state).where(c.bucket == bucket_of(participant), c.participant == participant)
    )
    return load_session(state) if state is not None else None


def list_current_answers(
    connection: Connection, participant: ParticipantId, consultation: str, wave: int
) -> dict[str, tuple[str, str]]:
    """A participant's current answers: question to (value as kept, other text)."""
    a = t.answer.c
    rows = connection.execute(
        select(a.question, a.value, a.other_text)
        .join(t.current_answer, t.IS_CURRENT)
        .where(
            a.bucket == bucket_of(participant),
            a.participant == participant,
            a.consultation == consultation,
            a.wave == wave,
            a.kind == "given",
        )
    )
    return {row.question: (row.value, row.other_text) for row in rows}
