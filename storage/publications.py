"""Publications: versioned cuts of the public tables (RC6d). The figures of one never change.

What changes is what became of it: that somebody withdrew since (RC16), or that it was corrected.
Then its quotes may go, for nobody's words stay after they withdrew them.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from storage import tables as t
from storage.ledger import AUDIT_BUCKET, Ledger, as_body

ALL_WAVES = 0
WITHDRAWN = "withdrawn"
CORRECTED = "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPublication:
    """A publication as it lies in the records; `wave` None is all waves together."""

    wave: int | None
    number: int
    published_at: int
    body: bytes
    corrects: int | None
    note: str
    mark: str


def list_publications(connection: Connection, consultation: str) -> list[KeptPublication]:
    """Every publication of a consultation, by number and wave."""
    c = t.publication.c
    rows = connection.execute(
        select(c.wave, c.number, c.published_at, c.body, c.corrects, c.note, c.mark)
        .where(c.consultation == consultation)
        .order_by(c.number, c.wave)
    )
    return [
        KeptPublication(
            wave=row[0] or None,
            number=row[1],
            published_at=row[2],
            body=row[3],
            corrects=row[4],
            note=row[5],
            mark=row[6],
        )
        for row in rows
    ]


def find_publication(
    connection: Connection, consultation: str, wave: int | None, number: int | None = None
) -> KeptPublication | None:
    """A publication by its number, or the last one; None if there is none."""
    found = [
        kept
        for kept in list_publications(connection, consultation)
        if kept.wave == wave and number in (None, kept.number)
    ]
    return found[-1] if found else None


def next_number(connection: Connection, consultation: str) -> int:
    """The number of the next publication: one for all waves that are published together."""
    c = t.publication.c
    last = connection.scalar(select(func.max(c.number)).where(c.consultation == consultation))
    return (last or 0) + 1


def record_publication(connection: Connection, consultation: str, kept: KeptPublication) -> None:
    """Write a publication."""
    connection.execute(
        insert(t.publication).values(
            consultation=consultation,
            wave=kept.wave or ALL_WAVES,
            number=kept.number,
            published_at=kept.published_at,
            body=kept.body,
            corrects=kept.corrects,
            note=kept.note,
            mark=kept.mark,
        )
    )
    _tell(connection, consultation, kept)


def _tell(connection: Connection, consultation: str, kept: KeptPublication) -> None:
    """Tell the ledger of a publication as it now lies in the records."""
    row = connection.execute(select(t.publication).where(*_is(consultation, kept))).one()
    ledger = Ledger(connection)
    tell_publication(ledger, row)
    ledger.flush()


def _is(consultation: str, kept: KeptPublication) -> tuple[ColumnElement[bool], ...]:
    c = t.publication.c
    return (
        c.consultation == consultation,
        c.wave == (kept.wave or ALL_WAVES),
        c.number == kept.number,
    )


def publication_body(row: Row[Any]) -> str:
    """What the ledger says of a publication: which, and the hash of its bytes."""
    said = {"consultation": row.consultation, "wave": row.wave, "number": row.number}
    return as_body({**said, "sha256": sha256(row.body).hexdigest()})


def tell_publication(ledger: Ledger, row: Row[Any]) -> None:
    """Tell the ledger of a publication."""
    ledger.append(
        AUDIT_BUCKET, kind="publication", at=row.published_at, body=publication_body(row)
    )


def mark_publications(
    connection: Connection, consultation: str, mark: str, number: int | None = None
) -> None:
    """Say what became of one publication, or of all so far; the first mark stays."""
    c = t.publication.c
    statement = update(t.publication).where(c.consultation == consultation, c.mark == "")
    if number is not None:
        statement = statement.where(c.number == number)
    connection.execute(statement.values(mark=mark))


def replace_body(connection: Connection, consultation: str, kept: KeptPublication) -> None:
    """Write a body again, after words that were withdrawn have gone from it."""
    connection.execute(
        update(t.publication).where(*_is(consultation, kept)).values(body=kept.body)
    )
    _tell(connection, consultation, kept)
