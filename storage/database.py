"""Engines: one writer connection, readers that cannot write, migrations run from inside.

SQLite with WAL and `synchronous=FULL`: an acknowledged answer survives a power cut. Exactly
one connection writes and checkpoints (a WAL bug before SQLite 3.51.3 needs two).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.errors import StorageError, Unavailable, WrongVersion
from storage.tables import metadata

T = TypeVar("T")
MEMORY = ":memory:"
SCHEMA_VERSION = "0006"
BUSY_MS = 5_000


class Database:
    """A database file. `open` to write and read, `open_readonly` to read."""

    def __init__(self, path: str, *, readonly: bool = False) -> None:
        self.path = path
        self.readonly = readonly
        self._writer: Engine | None = None
        self._reader: Engine | None = None
        self._async_reader: AsyncEngine | None = None
        self._reads: set[asyncio.Future[Any]] = set()

    @classmethod
    def open(cls, path: str) -> Database:
        """Open for writing; a new file gets its tables. Raises StorageError in one sentence."""
        database = cls(path)
        try:
            migrate(database.writer)
        except (OperationalError, DatabaseError) as problem:
            raise told(problem, path) from problem
        return database

    @classmethod
    def open_readonly(cls, path: str) -> Database:
        """Open an existing file for reading only."""
        if not Path(path).is_file():
            raise StorageError(
                "Nobody has answered here yet: there is no database in "
                f"«{Path(path).parent.name}». Run «tertulia serve» or import answers first."
            )
        database = cls(path, readonly=True)
        try:
            with database.reading() as connection:
                check_version(connection)
        except (OperationalError, DatabaseError) as problem:
            raise told(problem, path) from problem
        return database

    @property
    def writer(self) -> Engine:
        """The engine of the one writer connection."""
        if self.readonly:
            raise StorageError("The database was opened for reading only.")
        if self._writer is None:
            self._writer = _engine(self.path, _writer_pragmas)
        return self._writer

    @property
    def reader(self) -> Engine:
        """Engine for synchronous readers (`query_only`)."""
        if self.path == MEMORY:
            return self.writer
        if self._reader is None:
            self._reader = _engine(self.path, _reader_pragmas)
        return self._reader

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads one consistent state."""
        with self.reader.connect() as connection:
            yield connection

    async def read(self, job: Callable[[Connection], T]) -> T:
        """Run a reader without blocking the loop (aiosqlite).

        A reader that has begun is let finish even when whoever waits for it goes away: a
        connection cut off in the middle would leave its thread behind.
        """
        task = asyncio.ensure_future(self._read(job))
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        return await asyncio.shield(task)

    async def _read(self, job: Callable[[Connection], T]) -> T:
        if self._async_reader is None:
            self._async_reader = create_async_engine(f"sqlite+aiosqlite:///{self.path}")
            event.listen(self._async_reader.sync_engine, "connect", _reader_pragmas)
        async with self._async_reader.connect() as connection:
            return await connection.run_sync(job)

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*self._reads, return_exceptions=True)
        if self._async_reader is not None:
            await self._async_reader.dispose()
            self._async_reader = None
        self.close_sync()

    def close_sync(self) -> None:
        """Close the synchronous connections."""
        for engine in (self._writer, self._reader):
            if engine is not None:
                engine.dispose()
        self._writer = self._reader = None


def _engine(path: str, pragmas: Callable[[Any, Any], None]) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )
    event.listen(engine, "connect", pragmas)
    event.listen(engine, "begin", _begin_immediate if pragmas is _writer_pragmas else _begin)
    return engine


def _writer_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN IMMEDIATE ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "wal_autocheckpoint=4000",
        f"busy_timeout={BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _reader_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(_connection: Connection) -> None:
    """The driver begins by itself when reading."""


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; a database of a newer version is refused."""
    with engine.connect() as connection:
        version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    if version is None or version < SCHEMA_VERSION:
        from storage.migrations import upgrade

        upgrade(engine)
        return
    raise WrongVersion(
        f"The database has version {version}, this program {SCHEMA_VERSION}; "
        "use the program that made it, or a newer one."
    )


def check_version(connection: Connection) -> None:
    """Refuse a file that is not ours or of another version."""
    version = _version(connection)
    if version is not None and version < SCHEMA_VERSION:
        raise WrongVersion(
            f"The database has version {version}, this program {SCHEMA_VERSION}: "
            "run «tertulia serve» once, which brings it up to date."
        )
    if version != SCHEMA_VERSION:
        raise WrongVersion(f"This file is no Tertulia database of version {SCHEMA_VERSION}.")


def _version(connection: Connection) -> str | None:
    """The migration the file is at, None for an empty file."""
    names = set(
        connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
    )
    if "alembic_version" in names:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if names - {"sqlite_sequence"}:
        raise WrongVersion("This file is a database of another program.")
    return None


def told(problem: Exception, path: str) -> StorageError:
    """A database error in one sentence."""
    said = str(getattr(problem, "orig", problem)).lower()
    name = Path(path).name
    sentences = {
        "locked": f"{name} is in use by another program; stop it, or try again.",
        "readonly": f"{name} cannot be written: the file or its folder is read-only.",
        "unable to open": f"{name} cannot be opened: check the folder and its permissions.",
        "full": f"The disk is full: {name} cannot grow.",
        "not a database": f"{name} is not a database.",
        "malformed": f"{name} is damaged; restore a backup.",
    }
    for sign, sentence in sentences.items():
        if sign in said:
            return Unavailable(sentence)
    return StorageError(f"{name} cannot be used: {said[:120]}.")


__all__ = ["MEMORY", "SCHEMA_VERSION", "Database", "check_version", "metadata", "migrate", "told"]
