"""The one writer: whatever arrived while the last commit ran is the next batch.

One thread, one connection, one transaction per batch, no timer. A batch drops what was
accepted before, loads the sessions, folds each person's updates in order through `advance`,
writes everything and commits; only then are the channels told. It knows no question.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, OperationalError

from flows.inbound import Envelope
from storage.batch import next_outbox_id
from storage.database import MEMORY, Database, is_fatal, told
from storage.errors import StorageError
from storage.folding import Fold
from storage.keys import KeyRing
from storage.tombstones import FILE as ERASED
from storage.tombstones import forget_pending, write_pending
from storage.turns import Advance, Committed

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_BATCH = 128
"""Beyond it a batch gains nothing and makes people wait (measured, storage-facts)."""


DISK_FAILED = 74
"""The exit code of a process whose disk failed (EX_IOERR of sysexits.h)."""


def end_process(problem: Exception) -> None:
    """End at once and acknowledge nothing: what is not answered comes again."""
    log.critical("disk_failed", extra={"problem": type(problem).__name__})
    os._exit(DISK_FAILED)


@dataclass(slots=True)
class _Update:
    envelope: Envelope
    future: asyncio.Future[Committed]


@dataclass(slots=True)
class _Job(Generic[T]):
    """Any other write, in the same transactions."""

    run: Callable[[Connection], T]
    future: asyncio.Future[T]


_Item = _Update | _Job[Any]


@dataclass(slots=True)
class Committer:
    """Takes updates and jobs; `start` it in a running loop, `stop` drains it."""

    database: Database
    keys: KeyRing
    advance: Advance
    week_of: Callable[[int], str]
    max_batch: int = MAX_BATCH
    on_commit: list[Callable[[], None]] = field(default_factory=list)
    on_accepted: list[Callable[[str, str, float], None]] = field(default_factory=list)
    """Told of every submitted update: channel, outcome, seconds until it was safe."""
    on_fatal: Callable[[Exception], None] = end_process
    """Called from the writer's thread when the disk failed; must not return."""
    can_write: bool = True
    """Whether the last attempt to write succeeded; a full disk makes it false for a while."""
    _queue: deque[_Item] = field(default_factory=deque)
    _wake: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _stopping: bool = False
    _next_outbox_id: int = 0

    async def start(self) -> None:
        """Start the writer thread."""
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="committer", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Write what is queued, then end the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    async def submit(self, envelope: Envelope) -> Committed:
        """Hand over an update; returns only after the commit that holds it.

        Raises StorageError (retryable) when it could not be written; nothing was accepted then.
        """
        future: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        self._put(_Update(envelope, future))
        committed = await future
        for tell in self.on_accepted:
            tell(envelope.channel, committed.outcome, time.perf_counter() - begun)
        return committed

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run another write inside a batch; its own errors are raised here."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Job(job, future))
        return await future

    def _put(self, item: _Item) -> None:
        if self._thread is None or self._stopping:
            raise StorageError("The records are closed; the program is stopping.")
        self._queue.append(item)
        self._wake.set()

    # -- the writer thread -----------------------------------------------------------------

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._queue:
                count = min(self.max_batch, len(self._queue))
                self._commit([self._queue.popleft() for _ in range(count)])
            if self._stopping and not self._queue:
                return

    def _commit(self, items: Sequence[_Item], *, is_retry: bool = False) -> None:
        """One transaction; what fails is retried once, then halved down to the culprit."""
        try:
            results = self._transaction(items)
        except Exception as problem:  # noqa: BLE001 - the outermost loop of the writer
            if is_fatal(problem):
                self.on_fatal(problem)
            if not is_retry:
                self._commit(items, is_retry=True)
            elif len(items) > 1:
                middle = len(items) // 2
                self._commit(items[:middle], is_retry=True)
                self._commit(items[middle:], is_retry=True)
            else:
                self._give_up(items[0], problem)
            return
        self.can_write = True
        self._resolve(results)

    def _give_up(self, item: _Item, problem: Exception) -> None:
        log.warning("write_failed", extra={"problem": type(problem).__name__})
        if isinstance(problem, OperationalError | DatabaseError | OSError):
            self.can_write = False
            self._resolve([(item, told(problem, self.database.path))])
        elif isinstance(item, _Update):
            self._resolve([(item, self._set_aside(item, problem))])
        else:
            self._resolve([(item, problem)])

    def _set_aside(self, item: _Update, problem: Exception) -> Committed | StorageError:
        """An update that cannot be written down for what it says goes to quarantine alone."""
        odd = replace(item.envelope, inbound=None, problem=f"failed: {type(problem).__name__}")
        try:
            with self.database.writer.begin() as connection:
                return self._fold(connection).run([odd])[0]
        except Exception as second:  # noqa: BLE001 - told to whoever brought it, who tries again
            return told(second, self.database.path)

    def _fold(self, connection: Connection) -> Fold:
        first_id = next_outbox_id(connection)
        return Fold(connection, self.keys, self.advance, self.week_of, first_id)

    def _transaction(self, items: Sequence[_Item]) -> list[tuple[_Item, Any]]:
        with self.database.writer.begin() as connection:
            forget_pending(connection)
            fold = self._fold(connection)
            updates = [item for item in items if isinstance(item, _Update)]
            outcomes = fold.run([item.envelope for item in updates])
            results: list[tuple[_Item, Any]] = list(zip(updates, outcomes, strict=True))
            jobs = [item for item in items if isinstance(item, _Job)]
            results.extend((job, _run_job(connection, job)) for job in jobs)
            if self.database.path != MEMORY:
                write_pending(connection, Path(self.database.path).with_name(ERASED))
        return results

    def _resolve(self, results: list[tuple[_Item, Any]]) -> None:
        def tell() -> None:
            for item, result in results:
                if item.future.done():
                    continue
                if isinstance(result, Exception):
                    item.future.set_exception(result)
                else:
                    item.future.set_result(result)
            for hook in self.on_commit:
                hook()

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)


def _run_job(connection: Connection, job: _Job[Any]) -> Any:
    """A job's result, or its own error; an error undoes only the job."""
    savepoint = connection.begin_nested()
    try:
        result = job.run(connection)
    except (OperationalError, DatabaseError):
        raise
    except Exception as problem:  # noqa: BLE001 - told to whoever asked for the job
        savepoint.rollback()
        return problem
    savepoint.commit()
    return result
