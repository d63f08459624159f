"""A backup is one file with everything; putting it back keeps the withdrawn withdrawn.

`VACUUM INTO` copies one consistent state while others write (measured: storage-facts). A backup
holds the answers in clear and addresses encrypted; the keys are not in it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import DatabaseError

from flows.ids import ParticipantId, bucket_of
from flows.session import Progress, Session, Stage, dump_session, load_session
from storage import tables as t
from storage.batch import Batch, next_outbox_id
from storage.database import SCHEMA_VERSION, Database, check_version, told
from storage.erasure import count_withdrawn, erase_rows
from storage.errors import NoBackup, StorageError, WrongVersion
from storage.keys import KeyRing
from storage.participants import address_of
from storage.tombstones import Withdrawal, bury, find_tombstones, forget_pending
from storage.upgrading import account_for_older_rows

ROOM = 1_000_000
"""Message numbers that a restored city leaves out: pages may have seen those after the backup."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds."""

    size: int
    participants: int
    answers: int


def back_up(database: Path, file: Path) -> Kept:
    """Copy the records to a new file, checked and synced; nobody who writes has to wait."""
    if file.exists():
        raise NoBackup(f"{file.name} is there already; choose a new name.")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with _opened(database) as source:
            source.execute("VACUUM INTO ?", [str(part)])
        part.chmod(0o600)
        kept = inspect(part)
        _sync(part)
        part.rename(file)
        _sync(file.parent)
    except (sqlite3.Error, OSError) as problem:
        raise told(problem, str(file)) from problem
    finally:
        part.unlink(missing_ok=True)
    return kept


def inspect(file: Path) -> Kept:
    """Look whether a file is a whole backup of Tertulia. Raises NoBackup or WrongVersion."""
    if not file.is_file():
        raise NoBackup(f"There is no file {file.name}.")
    try:
        with _opened(file) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if not {"alembic_version", "answer", "ledger"} <= names:
                raise NoBackup(f"{file.name} is no backup of Tertulia.")
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise WrongVersion(
                    f"{file.name} has version {version}, this program {SCHEMA_VERSION}; "
                    "use the program that made it, or a newer one."
                )
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise NoBackup(f"{file.name} is damaged; use another backup.")
            counts = [
                connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
                for name in ("participant", "answer")
            ]
    except sqlite3.DatabaseError as problem:
        raise NoBackup(f"{file.name} is no backup of Tertulia, or it is damaged.") from problem
    return Kept(file.stat().st_size, *counts)


def prepare(
    file: Path, place: Path, keys: KeyRing, withdrawals: list[Withdrawal], now: int
) -> int:
    """Copy a backup to a place and make it ready; returns how many withdrawals it had missed.

    Brings it up to date, lets every withdrawal that came after it happen again, and sends no
    campaign that may have gone out meanwhile.
    """
    place.unlink(missing_ok=True)
    with _opened(file) as source:
        source.execute("VACUUM INTO ?", [str(place)])
    place.chmod(0o600)
    try:
        database = Database.open(str(place))
        with database.writer.begin() as connection:
            check_version(connection)
            _check_keys(connection, keys, file.name)
            account_for_older_rows(connection, keys, now)
            missed = _replay(connection, keys, withdrawals, now)
            _skip_what_went_out(connection)
            forget_pending(connection)
        database.close_sync()  # the last connection takes the log into the file
    except DatabaseError as problem:
        raise told(problem, file.name) from problem
    _sync(place)
    return missed


def _check_keys(connection: Connection, keys: KeyRing, name: str) -> None:
    """A backup of another city could be read by nobody here."""
    row = connection.execute(select(t.contact_point).limit(1)).first()
    if row is None:
        return
    try:
        address_of(keys, row.participant, row.address)
    except StorageError as problem:
        raise NoBackup(
            f"{name} was made with other keys than those in keys/: it is of another city, "
            "or its keys have to be brought back first."
        ) from problem


def _replay(connection: Connection, keys: KeyRing, withdrawals: list[Withdrawal], now: int) -> int:
    """Let every withdrawal happen that the backup does not know of."""
    batch = Batch(connection, keys, next_outbox_id(connection))
    missed = 0
    for one in withdrawals:
        known = find_tombstones(connection, [one.participant]).get(one.participant, {})
        if known.get(one.consultation, -1) < one.at and not _began_after(connection, one):
            _withdraw_again(batch, one)
            missed += 1
    batch.flush()
    return missed


def _began_after(connection: Connection, one: Withdrawal) -> bool:
    """Whether the person takes part anew since."""
    r = t.response.c
    return (
        connection.scalar(
            select(r.wave).where(
                r.bucket == bucket_of(ParticipantId(one.participant)),
                r.participant == one.participant,
                r.consultation == one.consultation,
                r.started_at > one.at,
            )
        )
        is not None
    )


def _withdraw_again(batch: Batch, one: Withdrawal) -> None:
    connection = batch.connection
    participant = ParticipantId(one.participant)
    bucket = bucket_of(participant)
    erase_rows(batch, participant, one.consultation)
    for wave, week in one.counted:
        count_withdrawn(batch, (one.consultation, wave, week), bucket=bucket, at=one.at)
    bury(connection, one)
    batch.add(
        t.participant,
        {"bucket": bucket, "participant": participant, "created_at": one.at},
    )
    s = t.session.c
    row = connection.execute(
        select(s.state, s.version).where(s.bucket == bucket, s.participant == participant)
    ).first()
    session = load_session(row.state) if row is not None else Session(language="es")
    before = session.progress.get(one.consultation)
    erased = Progress(
        version=before.version if before else 0,
        wave=before.wave if before else 0,
        seed=0,
        stage=Stage.ERASED,
    )
    progress = {**session.progress, one.consultation: erased}
    session = msgspec.structs.replace(
        session, progress=progress, active=session.active or one.consultation
    )
    version = row.version + 1 if row is not None else 1
    batch.session(participant, dump_session(session), b"", version, one.at)


def _skip_what_went_out(connection: Connection) -> None:
    """Campaigns go at most once; and no number is given twice that a page may have seen."""
    c = t.outbox.c
    connection.execute(
        update(t.outbox)
        .where(c.state == "due", c.kind == "campaign")
        .values(state="failed", problem="restored")
    )
    last = connection.scalar(select(func.max(c.id))) or 0
    row = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
    sequence = max(last, row.scalar() or 0) + ROOM
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
    connection.exec_driver_sql(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", (sequence,)
    )


def put_in_place(place: Path, database: Path, stamp: str) -> Path | None:
    """Exchange the records for prepared ones; returns where the old ones are kept, if any were.

    The old log goes first: a log of other records beside new ones would destroy them.
    """
    old = database.with_name(f"{database.stem}.before-{stamp}{database.suffix}")
    had_any = database.exists()
    for ending in ("-wal", "-shm", ""):
        file = database.with_name(database.name + ending)
        if file.exists():
            file.rename(old.with_name(old.name + ending))
    place.rename(database)
    _sync(database.parent)
    return old if had_any else None


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    connection.isolation_level = None
    try:
        yield connection
    finally:
        connection.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
