"""Who withdrew: kept so that nothing they said before comes back, not from a backup either.

Each withdrawal is a row here and a line in a file beside the database, written before the
commit. `restore` reads the file: a backup made before a withdrawal must not undo it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage.account_tables import tombstone
from storage.errors import StorageError

FILE = "erased.log"
_PENDING = "tertulia_withdrawals"


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """One withdrawal. `counted`: the waves and weeks whose counter it raised (RC1)."""

    participant: int
    consultation: str
    at: int
    counted: tuple[tuple[int, str], ...] = ()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Withdrawal).decode


def bury(connection: Connection, withdrawal: Withdrawal) -> None:
    """Write a withdrawal down; `write_pending` takes it to the file."""
    row = {
        "bucket": bucket_of(ParticipantId(withdrawal.participant)),
        "participant": withdrawal.participant,
        "consultation": withdrawal.consultation,
        "erased_at": withdrawal.at,
    }
    statement = upsert(tombstone).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["bucket", "participant", "consultation"],
            set_={"erased_at": statement.excluded.erased_at},
        )
    )
    connection.info.setdefault(_PENDING, []).append(withdrawal)


def forget_pending(connection: Connection) -> None:
    """A transaction begins: nothing of an earlier one is still to be written."""
    connection.info.pop(_PENDING, None)


def write_pending(connection: Connection, file: Path) -> None:
    """Append this transaction's withdrawals to the file, before its commit, and sync it.

    If the commit then fails, the line is one too many: the person asked for it all the same.
    """
    pending: list[Withdrawal] = connection.info.pop(_PENDING, [])
    if not pending:
        return
    lines = b"".join(_encode(one) + b"\n" for one in pending)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_withdrawals(file: Path) -> list[Withdrawal]:
    """The withdrawals of a file, oldest first; a line cut off by a crash is the last one."""
    if not file.is_file():
        return []
    lines = file.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            if line:
                found.append(_decode(line))
        except msgspec.DecodeError as problem:
            if any(lines[number:]):
                raise StorageError(f"{file.name}: line {number} cannot be read.") from problem
    return found


def find_tombstones(
    connection: Connection, participants: Iterable[int]
) -> dict[int, dict[str, int]]:
    """Participant to consultation to when they withdrew; those who did not are left out."""
    listed, c = sorted(set(participants)), tombstone.c
    found: dict[int, dict[str, int]] = {}
    for at in range(0, len(listed), 500):
        ids = listed[at : at + 500]
        rows: Any = connection.execute(
            select(c.participant, c.consultation, c.erased_at).where(
                c.bucket.in_({bucket_of(ParticipantId(i)) for i in ids}), c.participant.in_(ids)
            )
        )
        for participant, consultation, erased_at in rows:
            found.setdefault(participant, {})[consultation] = erased_at
    return found
