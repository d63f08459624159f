"""Participants and their contact points: found by keyed hash, addressed by decryption."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.keys import KeyRing
from storage.linked import absorbed_by


def find_participants(
    connection: Connection, contacts: dict[bytes, tuple[str, str]]
) -> dict[bytes, ParticipantId]:
    """The participants behind contact hashes; unknown hashes are left out."""
    found: dict[bytes, ParticipantId] = {}
    hashes = list(contacts)
    for at in range(0, len(hashes), 500):
        rows = connection.execute(
            select(t.contact_index).where(t.contact_index.c.key.in_(hashes[at : at + 500]))
        )
        found |= {row.key: ParticipantId(row.participant) for row in rows}
    return found


def add_contact(
    connection: Connection, keys: KeyRing, channel: str, address: str, at: int
) -> ParticipantId:
    """A participant for a contact that is new."""
    participant = keys.participant_id(channel, address)
    bucket = bucket_of(participant)
    connection.execute(
        upsert(t.participant).on_conflict_do_nothing(),
        [{"bucket": bucket, "participant": participant, "created_at": at}],
    )
    connection.execute(
        insert(t.contact_index),
        [{"key": keys.hash("contact", channel, address), "participant": participant}],
    )
    connection.execute(
        upsert(t.contact_point).on_conflict_do_nothing(),
        [
            {
                "bucket": bucket,
                "participant": participant,
                "channel": channel,
                "address": keys.encrypt(address, f"contact_point.address:{participant}"),
                "created_at": at,
            }
        ],
    )
    return participant


def set_contact_state(
    connection: Connection, keys: KeyRing, channel: str, address: str, state: str
) -> None:
    """Whether a contact can be written to: `open`, or `gone` (left, or blocked the channel)."""
    key = keys.hash("contact", channel, address)
    participant = connection.scalar(
        select(t.contact_index.c.participant).where(t.contact_index.c.key == key)
    )
    if participant is not None:
        set_state_of(connection, participant, channel, state)


def set_state_of(connection: Connection, participant: int, channel: str, state: str) -> None:
    """Whether a participant can be written to on a channel: `open` or `gone`."""
    c = t.contact_point.c
    connection.execute(
        update(t.contact_point)
        .where(
            c.bucket == bucket_of(ParticipantId(participant)),
            c.participant == participant,
            c.channel == channel,
        )
        .values(state=state)
    )


def address_of(keys: KeyRing, participant: int, sealed: bytes) -> str:
    """The address of a contact point."""
    return keys.decrypt(sealed, f"contact_point.address:{participant}")


def set_permissions(
    connection: Connection,
    participant: ParticipantId,
    consultation: str,
    purposes: Iterable[str],
    at: int,
) -> None:
    """The purposes that are permitted now; those not named are no longer."""
    bucket = bucket_of(participant)
    c = t.permission.c
    connection.execute(
        delete(t.permission).where(
            c.bucket == bucket, c.participant == participant, c.consultation == consultation
        )
    )
    rows = [
        {
            "bucket": bucket,
            "participant": participant,
            "consultation": consultation,
            "purpose": purpose,
            "granted_at": at,
        }
        for purpose in purposes
    ]
    if rows:
        connection.execute(insert(t.permission), rows)


def silence(connection: Connection, participant: ParticipantId, at: int) -> None:
    """BASTA: no unasked send to this person any more, on any channel; pending campaigns end."""
    c = t.outbox.c
    for one in (participant, *absorbed_by(connection, participant)):
        bucket = bucket_of(one)
        connection.execute(
            update(t.participant)
            .where(t.participant.c.bucket == bucket, t.participant.c.participant == one)
            .values(silenced_at=at)
        )
        connection.execute(
            update(t.outbox)
            .where(
                c.bucket == bucket,
                c.participant == one,
                c.kind == "campaign",
                c.state == "due",
            )
            .values(state="failed", problem="silenced")
        )
