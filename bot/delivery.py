"""Drains the outbox: each channel in its own pace, replies before campaigns, nothing lost.

A row is marked sent only after the channel took it. The clock is injected, so that a day of
sending takes seconds in a test.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import Connection

from bot.channels.base import Channel, Tracked
from bot.clock import Clock
from bot.errors import (
    ChannelError,
    FateUnknown,
    OptedOut,
    RecipientGone,
    Throttled,
    WindowClosed,
)
from bot.pace import SECOND, Pacer
from flows.ids import ParticipantId
from storage.committer import Committer
from storage.database import Database
from storage.dispatches import Dispatch, claim, record_dispatches, send_elsewhere
from storage.errors import StorageError
from storage.keys import KeyRing
from storage.outbox import OutboxRow, held_until, list_due, mark_failed, mark_retry, mark_sent
from storage.participants import set_state_of, silence

log = logging.getLogger(__name__)

MOST_ATTEMPTS = ChannelError.most_attempts or 0
MOST_CLAIMS = 2
"""A campaign message whose fate stays unknown is sent once more and no more (trust, 2.1)."""
LONGEST_WAIT = 3_600 * SECOND
IDLE_S = 0.5
MOST_AT_ONCE = 100
"""Messages on their way at the same time on a channel without a pace."""


class Delivery:
    """Runs until stopped; `drain` sends what is due now and returns when it has gone."""

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
        self._sending: set[asyncio.Task[bool]] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._one_round = asyncio.Lock()
        self.is_silent: Callable[[], bool] = lambda: False
        """Whether campaigns have to wait: a period of silence before elections."""

    def start(self) -> None:
        """Begin; a commit wakes the delivery."""
        self.committer.on_commit.append(self._wake.set)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End after what is on its way."""
        self._is_stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await asyncio.gather(*self._sending)

    async def _run(self) -> None:
        """A fresh start first rests a second: what went out just before a crash is unknown."""
        await self._recover()
        while not self._is_stopping:
            self._wake.clear()
            try:
                await self._launch()
            except Exception as problem:  # noqa: BLE001 - the outermost loop: the next round tries again
                log.warning("delivery_failed", extra={"problem": type(problem).__name__})
            await self._pause()

    async def _recover(self) -> None:
        now = self.clock.now()
        for name, pacer in self._pacers.items():
            asked = await self.database.read(partial(held_until, channel=name))
            pacer.hold(max(asked, now + SECOND if pacer.per_second else 0))

    async def _pause(self) -> None:
        """Until something was committed or sent, or a pacer lets the next message go."""
        now = self.clock.now()
        waits = [pacer.next_at(now) - now for pacer in self._pacers.values()]
        seconds = min([IDLE_S, *(wait / SECOND for wait in waits if wait > 0)])
        timer = asyncio.ensure_future(self.clock.sleep(seconds))
        wake = asyncio.ensure_future(self._wake.wait())
        await asyncio.wait({timer, wake}, return_when=asyncio.FIRST_COMPLETED)
        timer.cancel()
        wake.cancel()

    async def drain(self) -> int:
        """Send what may go now on every channel; returns how many went out."""
        return sum(await asyncio.gather(*await self._launch()))

    async def _launch(self) -> list[asyncio.Task[bool]]:
        """Put on its way what may go now. One round at a time."""
        async with self._one_round:
            rows = [row for name in self.channels for row in await self._choose(name)]
            tasks = [asyncio.create_task(self._deliver(row)) for row in rows]
        self._sending.update(tasks)
        for task in tasks:
            task.add_done_callback(self._sending.discard)
        return tasks

    async def _choose(self, name: str) -> list[OutboxRow]:
        """The rows that go now; each has its place in the pace."""
        now = self.clock.now()
        pacer = self._pacers[name]
        free = pacer.free(now, MOST_AT_ONCE)
        if not free:
            return []
        skip = pacer.busy(now)
        rows = await self.database.read(
            lambda c: list_due(c, self.keys, channel=name, now=now, skip=skip, limit=free)
        )
        if self.is_silent():  # replies come first, so none of them is crowded out
            rows = [row for row in rows if row.kind == "reply"]
        for row in rows:
            pacer.begin(row.participant)
        return rows

    async def _deliver(self, row: OutboxRow) -> bool:
        """Send one row and write down how it went; the pace counts from the answer."""
        pacer = self._pacers[row.channel]
        taken: list[Dispatch] = []
        problem = await self._send(row, pacer, taken)
        pacer.end(row.participant, self.clock.now())
        try:
            if problem is None:
                pacer.went_well()
                now = self.clock.now()
                await self.committer.write(partial(self._sent, row=row, taken=taken, at=now))
            else:
                await self._not_sent(row, problem, pacer)
        except StorageError:
            log.warning("not_marked", extra={"channel": row.channel})  # it is sent once more
        finally:
            pacer.let_go(row.participant)
            self._wake.set()
        return problem is None

    def _sent(
        self, connection: Connection, row: OutboxRow, taken: list[Dispatch], at: int
    ) -> None:
        mark_sent(connection, [row.id], at)
        record_dispatches(connection, self.keys, row, taken, at)

    async def _send(
        self, row: OutboxRow, pacer: Pacer, taken: list[Dispatch]
    ) -> ChannelError | None:
        """Send every part; what the channel did not take is returned."""
        channel = self.channels[row.channel]
        try:
            if isinstance(channel, Tracked):
                return await self._dispatch(channel, row, pacer, taken)
            for number, part in enumerate(channel.split(row.message)):
                if number:
                    await self._next_part(row, pacer)
                await channel.send(row.address, part, row.id)
        except ChannelError as problem:
            return problem
        except Exception as problem:  # noqa: BLE001 - one message stops no other; it is tried again
            log.warning("send_failed", extra={"problem": type(problem).__name__})
            return FateUnknown("The channel failed.")
        return None

    async def _dispatch(
        self, channel: Tracked, row: OutboxRow, pacer: Pacer, taken: list[Dispatch]
    ) -> ChannelError | None:
        """Send to a platform that tells later what became of it. Raises ChannelError."""
        if row.kind == "campaign":
            if row.claims >= MOST_CLAIMS:
                return FateUnknown("Sent twice, and never heard what became of it.")
            await self.committer.write(partial(claim, row=row, at=self.clock.now()))
        for number, part in enumerate(channel.parts(row)):
            if number:
                await self._next_part(row, pacer)
            taken.append(await channel.dispatch(row, part))
        return None

    async def _next_part(self, row: OutboxRow, pacer: Pacer) -> None:
        """A long message goes in parts, each with a place of its own."""
        pacer.end(row.participant, self.clock.now())
        while not pacer.may_go_on(row.participant, self.clock.now()):
            await self.clock.sleep(0.05)
        pacer.begin(row.participant)

    async def _not_sent(self, row: OutboxRow, problem: ChannelError, pacer: Pacer) -> None:
        """Later, by another channel, or never; what is given up is counted."""
        now = self.clock.now()
        log.info("not_sent", extra={"channel": row.channel, "problem": problem.code})
        wait = min(2**row.attempts * SECOND, LONGEST_WAIT)
        if isinstance(problem, Throttled):
            wait = int(problem.retry_after_s * SECOND)
            if not problem.is_personal:
                pacer.hold(now + wait, probes=problem.probes)
        await self.committer.write(
            partial(self._write_down, row=row, problem=problem, due_at=now + wait)
        )

    def _write_down(
        self, connection: Connection, row: OutboxRow, problem: ChannelError, due_at: int
    ) -> None:
        is_claimed = row.kind == "campaign" and isinstance(self.channels[row.channel], Tracked)
        if isinstance(problem, FateUnknown) and is_claimed:
            if row.claims >= MOST_CLAIMS:
                mark_failed(connection, row.id, problem.code)
            return  # the claim stands: its platform has time to tell
        now = self.clock.now()
        if isinstance(problem, WindowClosed) and send_elsewhere(
            connection, row, self._pushing, now
        ):
            return
        if isinstance(problem, RecipientGone):
            set_state_of(connection, row.participant, row.channel, "gone")
        if isinstance(problem, OptedOut):
            silence(connection, ParticipantId(row.participant), now)
        most = problem.most_attempts
        if not problem.retryable or (most is not None and row.attempts + 1 >= most):
            mark_failed(connection, row.id, problem.code)
            return
        mark_retry(connection, row.id, due_at=due_at, problem=problem.code)

    @property
    def _pushing(self) -> list[str]:
        """Channels that reach people who are not looking: those with a pace to keep."""
        return [name for name, channel in self.channels.items() if channel.per_second]

    def make_room(self, channel: str, count: int) -> None:
        """So many messages came in on a channel whose platform counts both ways."""
        for _ in range(count):
            self._pacers[channel].give_away(self.clock.now())
