"""What can go wrong with the records, each with one sentence."""

from __future__ import annotations

from flows.errors import TertuliaError


class StorageError(TertuliaError):
    """The records cannot be reached."""

    code = "storage"


class Unavailable(StorageError):
    """The database cannot be written right now (locked, full or read-only)."""

    code = "storage_unavailable"
    retryable = True


class WrongVersion(StorageError):
    """The database was made by another version of Tertulia."""

    code = "storage_version"


class NotFound(StorageError):
    """There is no such record."""

    code = "not_found"


class NoBackup(StorageError):
    """The file is no backup of this city's records."""

    code = "no_backup"
