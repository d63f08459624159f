"""BORRAR: everything a person answered in a consultation goes; an anonymous counter stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from storage import tables as t
from storage.batch import Batch

if TYPE_CHECKING:
    from storage.effects import Told

ERASED: tuple[Table, ...] = (
    t.answer,
    t.current_answer,
    t.permission,
    t.contact_answer,
    t.response,
)


def erase_consultation(batch: Batch, told: Told, *, counts: bool) -> None:
    """Delete the participant's rows of the consultation, in every wave.

    `counts`: add to the withdrawn counter (RC1). Consent stays in the ledger as proof that it
    was given; it holds no answer. Messages already sent could quote answers, so they go too.
    """
    connection = batch.connection
    c = t.response.c
    waves = connection.scalars(
        select(c.wave).where(
            c.bucket == told.bucket,
            c.participant == told.participant,
            c.consultation == told.consultation,
        )
    ).all()
    for table in ERASED:
        connection.execute(
            delete(table).where(
                table.c.bucket == told.bucket,
                table.c.participant == told.participant,
                table.c.consultation == told.consultation,
            )
        )
    connection.execute(
        delete(t.outbox).where(
            t.outbox.c.bucket == told.bucket, t.outbox.c.participant == told.participant
        )
    )
    for wave in waves:
        batch.forget_response((told.participant, told.consultation, wave))
        if counts:
            count_withdrawn(batch, told.consultation, wave, told.week_of(told.at))


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
