"""Drains the outbox: each channel in its own pace, replies before campaigns, nothing lost.

A row is marked sent only after the channel took it. The clock is injected, so that a day of
sending takes seconds in a test.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.base import Channel
from bot.clock import Clock
from bot.errors import ChannelError, Throttled
from storage.committer import Committer
from storage.database import Database
from storage.keys import KeyRing
from storage.outbox import OutboxRow, list_due, mark_failed, mark_retry, mark_sent

log = logging.getLogger(__name__)

SECOND = 1_000_000
MOST_ATTEMPTS = 10
LONGEST_WAIT = 3_600 * SECOND
IDLE_S = 0.5


@dataclass(slots=True)
class Pacer:
    """When a channel may send next: so many a second in all, so often to one person."""

    per_second: float
    per_person_seconds: float
    _next: int = 0
    _next_for: dict[int, int] = field(default_factory=dict)

    def take(self, participant: int, now: int) -> bool:
        """Whether a message may go now; if so it is counted."""
        if self.per_second and now < self._next:
            return False
        if self.per_person_seconds and now < self._next_for.get(participant, 0):
            return False
        if self.per_second:
            self._next = max(self._next, now) + int(SECOND / self.per_second)
        if self.per_person_seconds:
            self._next_for[participant] = now + int(self.per_person_seconds * SECOND)
        return True

    def hold(self, until: int) -> None:
        """The platform asked everybody to wait."""
        self._next = max(self._next, until)

    def waiting(self, now: int) -> list[int]:
        """The participants who may not be written to yet; forgets the others."""
        self._next_for = {p: at for p, at in self._next_for.items() if at > now}
        return list(self._next_for)


class Delivery:
    """Runs until stopped; `drain` sends what is due now and returns."""

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        committer: Committer,
        channels: Mapping[str, Channel],
        clock: Clock,
    ) -> None:
        self.database = database
        self.keys = keys
        self.committer = committer
        self.channels = channels
        self.clock = clock
        self._pacers = {
            name: Pacer(channel.per_second, channel.per_person_seconds)
            for name, channel in channels.items()
        }
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._one_round = asyncio.Lock()

    def start(self) -> None:
        """Begin; a commit wakes the delivery."""
        self.committer.on_commit.append(self._wake.set)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End after the round that is running."""
        self._is_stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._is_stopping:
            try:
                sent = await self.drain()
            except Exception as problem:  # noqa: BLE001 - the outermost loop: the next round tries again
                log.warning("delivery_failed", extra={"problem": type(problem).__name__})
                sent = 0
            if not sent and not self._is_stopping:
                try:
                    await asyncio.wait_for(self._wake.wait(), IDLE_S)
                except TimeoutError:
                    continue
                finally:
                    self._wake.clear()

    async def drain(self) -> int:
        """Send one round of what is due on every channel; returns how many went out.

        One round at a time: what one round sends, the next must already see as sent.
        """
        async with self._one_round:
            counts = await asyncio.gather(*(self._round(name) for name in self.channels))
        return sum(counts)

    async def _round(self, name: str) -> int:
        now = self.clock.now()
        pacer = self._pacers[name]
        skip = pacer.waiting(now)
        rows = await self.database.read(
            lambda connection: list_due(
                connection, self.keys, channel=name, now=now, skip=skip, limit=500
            )
        )
        sent: list[int] = []
        for row in rows:
            if not pacer.take(row.participant, self.clock.now()):
                break
            if await self._send(row, pacer):
                sent.append(row.id)
        if sent:
            at = self.clock.now()
            await self.committer.write(lambda connection: mark_sent(connection, sent, at))
        return len(sent)

    async def _send(self, row: OutboxRow, pacer: Pacer) -> bool:
        try:
            await self.channels[row.channel].send(row.address, row.message, row.id)
        except ChannelError as problem:
            await self._not_sent(row, problem, pacer)
            return False
        return True

    async def _not_sent(self, row: OutboxRow, problem: ChannelError, pacer: Pacer) -> None:
        now = self.clock.now()
        log.info("not_sent", extra={"channel": row.channel, "problem": problem.code})
        if not problem.retryable or row.attempts + 1 >= MOST_ATTEMPTS:
            await self.committer.write(lambda c: mark_failed(c, row.id, problem.code))
            return
        wait = min(2**row.attempts * SECOND, LONGEST_WAIT)
        if isinstance(problem, Throttled):
            wait = int(problem.retry_after_s * SECOND)
            pacer.hold(now + wait)
        due_at = now + wait
        await self.committer.write(
            lambda c: mark_retry(c, row.id, due_at=due_at, problem=problem.code)
        )
