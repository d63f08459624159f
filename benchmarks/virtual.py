"""Virtual time: a loop whose clock jumps to the next timer, and a city that lives on it alone.

No thread, no socket, no waiting: the same seed runs the same steps in the same order.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from typing_extensions import override

from bot.app import Application
from bot.instance import Folder
from storage.committer import Committer
from storage.database import MEMORY, Database

T = TypeVar("T")
SECOND = 1_000_000


class _Selector(selectors.SelectSelector):
    """Waits for nothing: time passes instead."""

    passed = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[Any]:
        self.passed += max(timeout or 0.0, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time, in seconds from 0."""

    def __init__(self) -> None:
        self._hours = _Selector()
        super().__init__(self._hours)

    @override
    def time(self) -> float:
        return self._hours.passed


class VirtualClock:
    """The city's wall clock: virtual time, and whatever somebody set it wrong by (`skew`, µs)."""

    def __init__(self, loop: VirtualLoop, start: int) -> None:
        self.loop, self.start, self.skew = loop, start, 0

    def true(self) -> int:
        """The time that the platforms know."""
        return self.start + int(self.loop.time() * SECOND)

    def now(self) -> int:
        """The time that the city believes."""
        return self.true() + self.skew

    async def sleep(self, seconds: float) -> None:
        """Timeouts do not ask the wall clock."""
        await asyncio.sleep(seconds)


class StillDatabase(Database):
    """In memory, read where it is asked: no thread."""

    @override
    async def read(self, job: Callable[[Connection], T]) -> T:
        with self.reading() as connection:
            return job(connection)


class StillCommitter(Committer):
    """The writer's work, done by the loop itself as soon as it has a moment."""

    @override
    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._thread = _NoThread()  # type: ignore[assignment]

    @override
    async def stop(self) -> None:
        self._stopping = True

    @override
    def _put(self, item: Any) -> None:
        super()._put(item)
        asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        while self._queue:
            count = min(self.max_batch, len(self._queue))
            self._commit([self._queue.popleft() for _ in range(count)])


class _NoThread:
    """Stands for the writer's thread, which there is none of."""


def still_city(folder: Folder, clock: VirtualClock, database: StillDatabase) -> Application:
    """The application on virtual time and on records that outlive it."""
    opened = Database.open
    Database.open = classmethod(lambda _cls, _path: database)  # type: ignore[assignment,method-assign]
    try:
        app = Application(folder, clock=clock, base_url="http://x")
    finally:
        Database.open = opened  # type: ignore[method-assign]
    app.committer = StillCommitter(database, app.keys, app.conversation.advance, app.week_of)
    app.committer.on_accepted.append(app.metrics.accepted)
    return app


def fresh_records() -> StillDatabase:
    """Records in memory, with their tables."""
    database = StillDatabase(MEMORY)
    from storage.database import migrate

    migrate(database.writer)
    return database


__all__ = ["StillDatabase", "VirtualClock", "VirtualLoop", "fresh_records", "still_city"]
