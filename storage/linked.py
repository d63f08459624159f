"""Who stands for whom after two channels were joined (RC15): every reader asks here."""

from __future__ import annotations

from sqlalchemy import Connection, select

from flows.ids import ParticipantId, bucket_of
from storage import tables as t


def kept_of(connection: Connection, participant: int) -> ParticipantId:
    """The participant that stands for this one."""
    c = t.participant_link.c
    kept = connection.scalar(
        select(c.kept).where(
            c.bucket == bucket_of(ParticipantId(participant)), c.absorbed == participant
        )
    )
    return ParticipantId(participant if kept is None else kept)


def absorbed_by(connection: Connection, participant: int) -> list[ParticipantId]:
    """The participants that this one stands for."""
    c = t.participant_link.c
    found = connection.scalars(select(c.absorbed).where(c.kept == participant))
    return [ParticipantId(absorbed) for absorbed in found]
