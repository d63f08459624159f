"""BORRAR: everything a person answered in a consultation goes; an anonymous counter stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.batch import Batch
from storage.linked import absorbed_by
from storage.publications import WITHDRAWN, mark_publications

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
    for participant in (told.participant, *absorbed_by(batch.connection, told.participant)):
        waves |= _erase_rows(batch, participant, told.consultation)
    if waves:
        mark_publications(batch.connection, told.consultation, WITHDRAWN)
    for wave in sorted(waves):
        if counts:  # one person on two channels withdraws once
            count_withdrawn(batch, told.consultation, wave, told.week_of(told.at))


def _erase_rows(batch: Batch, participant: ParticipantId, consultation: str) -> set[int]:
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
        connection.execute(
            delete(table).where(
                table.c.bucket == bucket,
                table.c.participant == participant,
                table.c.consultation == consultation,
            )
        )
    for table in (t.outbox, t.dispatch):
        connection.execute(
            delete(table).where(table.c.bucket == bucket, table.c.participant == participant)
        )
    for wave in waves:
        batch.forget_response((participant, consultation, wave))
    return waves


def count_withdrawn(batch: Batch, consultation: str, wave: int, week: str) -> None:
    """One more withdrawn in this wave and week."""
    row = {"consultation": consultation, "wave": wave, "week": week, "n": 1}
    statement = upsert(t.withdrawn_count)
    batch.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["consultation", "wave", "week"],
            set_={"n": t.withdrawn_count.c.n + 1},
        ),
        [row],
    )
