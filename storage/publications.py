"""Publications: cuts of the public tables, numbered, never changed (RC6d)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from storage import tables as t
from storage.ledger import AUDIT_BUCKET, Ledger, as_body

ALL_WAVES = 0


def latest_publication(
    connection: Connection, consultation: str, wave: int | None
) -> bytes | None:
    """The body of the last publication, or None."""
    c = t.publication.c
    return connection.scalar(
        select(c.body)
        .where(c.consultation == consultation, c.wave == (wave or ALL_WAVES))
        .order_by(c.number.desc())
        .limit(1)
    )


def record_publication(
    connection: Connection, consultation: str, wave: int | None, body: bytes, at: int
) -> int:
    """Write the next publication; returns its number."""
    c = t.publication.c
    of_wave = wave or ALL_WAVES
    last = connection.scalar(
        select(func.max(c.number)).where(c.consultation == consultation, c.wave == of_wave)
    )
    number = (last or 0) + 1
    connection.execute(
        insert(t.publication).values(
            consultation=consultation, wave=of_wave, number=number, published_at=at, body=body
        )
    )
    ledger = Ledger(connection)
    row = connection.execute(
        select(t.publication).where(
            c.consultation == consultation, c.wave == of_wave, c.number == number
        )
    ).one()
    tell_publication(ledger, row)
    ledger.flush()
    return number


def publication_body(row: Row[Any]) -> str:
    """What the ledger says of a publication: which, and the hash of its bytes."""
    said = {"consultation": row.consultation, "wave": row.wave, "number": row.number}
    return as_body({**said, "sha256": sha256(row.body).hexdigest()})


def tell_publication(ledger: Ledger, row: Row[Any]) -> None:
    """Tell the ledger of a publication."""
    ledger.append(
        AUDIT_BUCKET, kind="publication", at=row.published_at, body=publication_body(row)
    )
