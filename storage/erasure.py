"""BORRAR: everything a person answered in a consultation goes; an anonymous counter stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.batch import Batch
from storage.counting import COUNTED, delete_counted
from storage.ledger import as_body
from storage.linked import absorbed_by
from storage.publications import WITHDRAWN, mark_publications
from storage.tombstones import Withdrawal, bury

if TYPE_CHECKING:
    from storage.effects import Told

ERASED: tuple[Table, ...] = (
    t.answer,
    t.current_answer,
    t.coding,
    t.permission,
    t.contact_answer,
    t.response,
)


def erase_consultation(batch: Batch, told: Told, *, counts: bool) -> None:
    """Delete the participant's rows of the consultation, in every wave.

    `counts`: add to the withdrawn counter (RC1). Consent stays in the ledger as proof that it
    was given; it holds no answer. Messages already sent could quote answers, so they go too.
    """
    waves: set[int] = set()
    everybody = (told.participant, *absorbed_by(batch.connection, told.participant))
    for participant in everybody:
        waves |= erase_rows(batch, participant, told.consultation)
    if waves:
        mark_publications(batch.connection, told.consultation, WITHDRAWN)
    counted = [(wave, told.week_of(told.at)) for wave in sorted(waves) if counts]
    for wave, week in counted:  # one person on two channels withdraws once
        place = (told.consultation, wave, week)
        count_withdrawn(batch, place, bucket=told.bucket, at=told.at)
    for participant in everybody:
        is_first = participant == told.participant
        withdrawal = Withdrawal(
            participant=participant,
            consultation=told.consultation,
            at=told.at,
            counted=tuple(counted) if is_first else (),
        )
        bury(batch.connection, withdrawal)


def erase_rows(batch: Batch, participant: ParticipantId, consultation: str) -> set[int]:
    """Delete one participant's rows; returns the waves they had taken part in."""
    connection, bucket = batch.connection, bucket_of(participant)
    c = t.response.c
    waves = set(
        connection.scalars(
            select(c.wave).where(
                c.bucket == bucket, c.participant == participant, c.consultation == consultation
            )
        )
    )
    for table in ERASED:
        statement = delete(table).where(
            table.c.bucket == bucket,
            table.c.participant == participant,
            table.c.consultation == consultation,
        )
        if table.name in COUNTED:
            delete_counted(connection, table, statement)
        else:
            connection.execute(statement)
    o, d = t.outbox.c, t.dispatch.c
    delete_counted(
        connection,
        t.outbox,
        delete(t.outbox).where(o.bucket == bucket, o.participant == participant),
    )
    connection.execute(delete(t.dispatch).where(d.bucket == bucket, d.participant == participant))
    for wave in waves:
        batch.forget_response((participant, consultation, wave))
    return waves


def count_withdrawn(batch: Batch, place: tuple[str, int, str], *, bucket: int, at: int) -> None:
    """One more withdrawn in (consultation, wave, week); the ledger says so and names nobody."""
    consultation, wave, week = place
    row = {"consultation": consultation, "wave": wave, "week": week, "n": 1}
    statement = upsert(t.withdrawn_count)
    batch.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["consultation", "wave", "week"],
            set_={"n": t.withdrawn_count.c.n + 1},
        ),
        [row],
    )
    batch.ledger.append(bucket, kind="withdrawn", at=at, body=as_body(row))
