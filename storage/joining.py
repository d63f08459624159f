"""One person on two channels: asked for with a receipt, confirmed where the receipt was given.

A receipt proves that an answer was counted and may be shown to others, so it alone must not
open anybody's answers: whoever holds the first channel has to say yes (decision 0009). Joining
writes a `participant_link` and moves no answer; readers resolve it (RC15). From then on the
contacts of the absorbed participant lead to the kept one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.hearing import bring_heard
from storage.keys import KeyRing
from storage.linked import kept_of
from storage.participants import address_of

RECEIPT = re.compile(r"[2-9A-HJ-NP-TV-Z]{3}-[2-9A-HJ-NP-TV-Z]{3}-[2-9A-HJ-NP-TV-Z]{3}")
ASK_AGAIN = 10 * 60 * 1_000_000
"""Nobody is asked twice within so long, however often somebody types the receipt."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose receipt it is, and the channel of their last counted answer."""

    participant: ParticipantId
    channel: str


def find_holder(connection: Connection, keys: KeyRing, text: str) -> Holder | None:
    """The participant whose receipt the text is, links resolved; None if it is none."""
    receipt = text.strip().upper()
    if not RECEIPT.fullmatch(receipt):
        return None
    r = t.response.c
    row = connection.execute(
        select(r.participant, r.channel).where(r.receipt == keys.hash("receipt", receipt))
    ).first()
    return None if row is None else Holder(kept_of(connection, row.participant), row.channel)


def ask_to_join(connection: Connection, *, kept: int, absorbed: int, at: int) -> bool:
    """Write down the wish; False when the kept participant was asked a moment ago."""
    bucket, c = bucket_of(ParticipantId(kept)), t.join_request.c
    asked_at = connection.scalar(
        select(c.asked_at).where(c.bucket == bucket, c.participant == kept)
    )
    if asked_at is not None and asked_at > at - ASK_AGAIN:
        return False
    values = {"absorbed": absorbed, "asked_at": at}
    statement = upsert(t.join_request).values(bucket=bucket, participant=kept, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["bucket", "participant"], set_=values)
    )
    return True


def answer_join(
    connection: Connection, keys: KeyRing, *, kept: int, accepts: bool, at: int
) -> ParticipantId | None:
    """The kept participant's yes or no; returns who was absorbed."""
    bucket, c = bucket_of(ParticipantId(kept)), t.join_request.c
    absorbed = connection.scalar(
        delete(t.join_request)
        .where(c.bucket == bucket, c.participant == kept)
        .returning(c.absorbed)
    )
    if absorbed is None or not accepts:
        return None
    link(connection, keys, kept=kept, absorbed=absorbed, at=at)
    return ParticipantId(absorbed)


def link(connection: Connection, keys: KeyRing, *, kept: int, absorbed: int, at: int) -> None:
    """One person from now on: by their own yes, or by evidence within one update."""
    connection.execute(
        insert(t.participant_link).values(
            bucket=bucket_of(ParticipantId(absorbed)), absorbed=absorbed, kept=kept, linked_at=at
        )
    )
    link = t.participant_link.c
    connection.execute(  # whoever was joined to the absorbed one before now belongs here too
        update(t.participant_link).where(link.kept == absorbed).values(kept=kept)
    )
    _bring_contacts(connection, keys, absorbed, kept)
    bring_heard(connection, absorbed, kept)


def _bring_contacts(connection: Connection, keys: KeyRing, absorbed: int, kept: int) -> None:
    """The absorbed participant's addresses lead to the kept one from now on."""
    point, index = t.contact_point.c, t.contact_index.c
    rows = connection.execute(
        select(t.contact_point).where(
            point.bucket == bucket_of(ParticipantId(absorbed)), point.participant == absorbed
        )
    ).all()
    for row in rows:
        address = address_of(keys, absorbed, row.address)
        connection.execute(
            upsert(t.contact_point)
            .values(
                bucket=bucket_of(ParticipantId(kept)),
                participant=kept,
                channel=row.channel,
                address=keys.encrypt(address, f"contact_point.address:{kept}"),
                state=row.state,
                created_at=row.created_at,
            )
            .on_conflict_do_nothing()
        )
    connection.execute(
        update(t.contact_index).where(index.participant == absorbed).values(participant=kept)
    )
