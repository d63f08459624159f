"""Publications: cuts of the public tables, numbered, never changed (RC6d)."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

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
    said = {
        "consultation": consultation,
        "wave": of_wave,
        "number": number,
        "sha256": sha256(body).hexdigest(),
    }
    ledger.append(AUDIT_BUCKET, kind="publication", at=at, body=as_body(said))
    ledger.flush()
    return number
