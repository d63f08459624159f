"""Seals: a keyed hash of each answer and response, so that a changed row no longer fits.

Whoever can write to the file but has not the pepper cannot make a seal. A deleted row has no
seal to fail; `storage.counting` misses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select, update

from storage import tables as t
from storage.keys import HASH_BYTES, KeyRing

SEALED: tuple[Table, ...] = (t.answer, t.response)
_COLUMNS = {table.name: [c.name for c in table.columns if c.name != "seal"] for table in SEALED}
_encode = msgspec.json.Encoder().encode


def seal(keys: KeyRing, table: Table, row: Mapping[str, Any]) -> bytes:
    """The seal of a row, 16 bytes."""
    values = [row[name] for name in _COLUMNS[table.name]]
    return keys.mac(b"seal/" + table.name.encode() + b"/" + _encode(values))[:HASH_BYTES]


def seal_older_rows(connection: Connection, keys: KeyRing) -> int:
    """Seal what was written before there were seals; returns how many rows that were."""
    done = 0
    for table in SEALED:
        keys_of = [column.name for column in table.primary_key.columns]
        rows = connection.execute(select(table).where(table.c.seal == b"")).mappings().all()
        for row in rows:
            where = [table.c[name] == row[name] for name in keys_of]
            connection.execute(
                update(table).where(*where).values(seal=seal(keys, table, dict(row)))
            )
        done += len(rows)
    return done
