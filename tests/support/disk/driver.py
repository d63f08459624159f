"""The part of `sqlite3` that SQLAlchemy and Tertulia use, on APSW and a given file system."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import apsw
import sqlalchemy

import storage.database


def _translated(problem: apsw.Error) -> sqlite3.Error:
    """APSW's error as sqlite3 would raise it, with its code."""
    code = getattr(problem, "extendedresult", 0)
    if not code and isinstance(problem, apsw.IOError):
        code = sqlite3.SQLITE_IOERR  # raised by our own file system, which gives no number
    kind: type[sqlite3.Error] = sqlite3.OperationalError
    if isinstance(problem, apsw.ConstraintError):
        kind = sqlite3.IntegrityError
    elif isinstance(problem, apsw.CorruptError | apsw.NotADBError):
        kind = sqlite3.DatabaseError
    found = kind(str(problem))
    found.sqlite_errorcode = code
    return found


class Cursor:
    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        return self._run(statement, [parameters])

    def executemany(self, statement: str, listed: Sequence[Sequence[Any]]) -> Cursor:
        return self._run(statement, listed)

    def _run(self, statement: str, listed: Sequence[Sequence[Any]]) -> Cursor:
        database = self._connection.database
        before = database.total_changes()
        self._rows, self.description = [], None
        try:
            for parameters in listed:
                cursor = database.cursor()
                cursor.exec_trace = self._describe
                self._rows += cursor.execute(statement, tuple(parameters))
        except apsw.Error as problem:
            raise _translated(problem) from problem
        self.rowcount = database.total_changes() - before
        self.lastrowid = database.last_insert_rowid()
        return self

    def _describe(self, cursor: Any, _statement: str, _parameters: Any) -> bool:
        """Called before the first row, when the columns are known even if no row comes."""
        names = [column[0] for column in cursor.get_description()]
        self.description = [(n, None, None, None, None, None, None) for n in names] or None
        return True

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []


class Connection:
    isolation_level: str | None = None
    row_factory = None

    def __init__(self, path: str, vfs: str) -> None:
        self.database = apsw.Connection(path, vfs=vfs)
        self.database.execute("PRAGMA locking_mode=EXCLUSIVE")  # a Python VFS shares no memory

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        return Cursor(self).execute(statement, parameters)

    def create_function(self, *_: Any, **__: Any) -> None:
        """SQLAlchemy's REGEXP and floor: Tertulia uses neither."""

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def _end(self, statement: str) -> None:
        if self.database.in_transaction:
            self.execute(statement)

    def close(self) -> None:
        self.database.close()


def module(vfs: str) -> Any:
    """Something that looks like `sqlite3`."""
    names = {
        name: getattr(sqlite3, name)
        for name in (
            "Error", "DatabaseError", "OperationalError", "IntegrityError", "InterfaceError",
            "ProgrammingError", "NotSupportedError", "DataError", "InternalError", "Warning",
            "Binary", "PARSE_DECLTYPES", "PARSE_COLNAMES", "paramstyle", "threadsafety",
        )
    }  # fmt: skip
    version = apsw.sqlite_lib_version()
    return SimpleNamespace(
        **names,
        sqlite_version=version,
        sqlite_version_info=tuple(int(part) for part in version.split(".")),
        connect=lambda path, **_: Connection(path, vfs),
    )


@contextmanager
def on_paper(vfs: str, synchronous: str = "FULL") -> Iterator[None]:
    """The product's engines speak to this file system; with NORMAL they forget to sync commits."""
    real_engine, real_pragmas = storage.database.create_engine, storage.database._writer_pragmas

    def create_engine(url: str, **options: Any) -> sqlalchemy.Engine:
        return real_engine(url, module=module(vfs), **options)

    def pragmas(connection: Any, record: Any) -> None:
        real_pragmas(connection, record)
        if synchronous != "FULL":
            connection.execute(f"PRAGMA synchronous={synchronous}")

    storage.database.create_engine = create_engine  # type: ignore[assignment]
    storage.database._writer_pragmas = pragmas
    try:
        yield
    finally:
        storage.database.create_engine = real_engine
        storage.database._writer_pragmas = real_pragmas
