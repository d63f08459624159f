"""When a person last wrote on a channel whose platform lets free text answer for a while only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.batch import chunks
from storage.participants import set_state_of

WINDOWED = frozenset({"whatsapp"})
"""Channels where it matters."""


def set_heard(connection: Connection, heard: Mapping[tuple[int, str], int]) -> None:
    """Note (participant, channel): time; an earlier time never replaces a later one.

    Who writes can be written to: a contact that was given up is open again.
    """
    rows = [
        {
            "bucket": bucket_of(ParticipantId(participant)),
            "participant": participant,
            "channel": channel,
            "at": at,
        }
        for (participant, channel), at in sorted(heard.items())
    ]
    if not rows:
        return
    statement = upsert(t.last_heard)
    latest = func.max(t.last_heard.c.at, statement.excluded["at"])
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["bucket", "participant", "channel"], set_={"at": latest}
        ),
        rows,
    )
    for participant, channel in heard:
        set_state_of(connection, participant, channel, "open")


def bring_heard(connection: Connection, absorbed: int, kept: int) -> None:
    """After two were joined: what was heard from the one was heard from the other."""
    c = t.last_heard.c
    rows = connection.execute(
        select(c.channel, c.at).where(
            c.bucket == bucket_of(ParticipantId(absorbed)), c.participant == absorbed
        )
    )
    set_heard(connection, {(kept, row.channel): row.at for row in rows})


def list_heard(
    connection: Connection, participants: Iterable[int], channel: str
) -> dict[int, int]:
    """When each of these participants last wrote on the channel; who never did is left out."""
    c = t.last_heard.c
    found: dict[int, int] = {}
    for ids in chunks(sorted(set(participants))):
        rows = connection.execute(
            select(c.participant, c.at).where(
                c.bucket.in_({bucket_of(ParticipantId(i)) for i in ids}),
                c.participant.in_(ids),
                c.channel == channel,
            )
        )
        found |= {row.participant: row.at for row in rows}
    return found
