"""Brings what people say until it is acknowledged: repeated, out of order, through kills."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.crash.city import Site, live
from benchmarks.crash.edges import Edge
from benchmarks.crash.people import Update

REPEATED, NEAR, FAR = 0.2, 0.2, 0.001
TOGETHER = 24
"""People who speak at the same time."""
IN_FLIGHT = 64
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["benchmarks.crash.city"])


def in_what_order(people: list[list[Update]], rng: random.Random) -> list[Update]:
    """Deliveries: a fifth repeated, a fifth of the texts a little late, one in 1,000 anywhere."""
    sent: list[Update] = []
    for at in range(0, len(people), TOGETHER):
        cohort = people[at : at + TOGETHER]
        longest = max(len(said) for said in cohort)
        sent += [said[n] for n in range(longest) for said in cohort if n < len(said)]
    placed: list[tuple[float, Update]] = []
    for place, update in enumerate(sent):
        at_place = float(place)
        if update.is_text and rng.random() < NEAR:
            at_place += rng.uniform(1, 4 * TOGETHER)
        if update.is_text and rng.random() < FAR:
            at_place = rng.uniform(place, len(sent))
        placed.append((at_place, update))
        if rng.random() < REPEATED:
            until = min(place + 200, len(sent)) if rng.random() < 0.5 else len(sent)
            placed.append((rng.uniform(at_place, max(at_place, until)), update))
    return [update for _, update in sorted(placed, key=lambda pair: pair[0])]


class Platform:
    """One run: `speak` returns when everything was acknowledged and everything due has gone."""

    def __init__(
        self, edge: Edge, deliveries: list[Update], kills: int, rng: random.Random
    ) -> None:
        self.edge, self.rng, self.kills = edge, rng, kills
        self.total = len(deliveries)
        self.acknowledged: set[Update] = set()
        self.done = 0
        self.killed = 0
        self._queue = deque(deliveries)
        self._gates: dict[tuple[int, int], asyncio.Event] = {}
        self._up = asyncio.Event()
        self._process: BaseProcess | None = None

    async def speak(self, shows: Callable[[Platform], None]) -> None:
        """Everything, with the kills spread over it."""
        await self._start()
        workers = [asyncio.create_task(self._work()) for _ in range(IN_FLIGHT)]
        every = self.total / (self.kills + 1)
        while not all(worker.done() for worker in workers):
            if self.killed < self.kills and self.done >= (self.killed + 1) * every:
                await asyncio.sleep(self.rng.uniform(0, 0.03))
                await self.kill()
                await self._start()
                shows(self)
            await asyncio.sleep(0.005)
        await asyncio.gather(*workers)
        await self._until_nothing_is_due()
        await self.kill()

    async def _start(self) -> None:
        self._process = CONTEXT.Process(target=live, args=(self.edge.site,), daemon=True)
        self._process.start()
        await self.edge.connect()
        self._up.set()

    async def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._up.clear()
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        await self.edge.lose()
        self.killed += 1

    async def _work(self) -> None:
        while self._queue:
            update = self._queue.popleft()
            before = 1 if update.number == 2 else 2 if update.number > 2 else 0
            if before:
                await self._gate(update.person, before).wait()
            while True:
                await self._up.wait()
                if await self.edge.bring(update):
                    break
                await asyncio.sleep(0.005)
            self.acknowledged.add(update)
            self._gate(update.person, update.number).set()
            self.done += 1

    def _gate(self, person: int, number: int) -> asyncio.Event:
        """Set once the person's start or consent was acknowledged; texts come after both."""
        return self._gates.setdefault((person, min(number, 3)), asyncio.Event())

    async def _until_nothing_is_due(self, seconds: float = 30.0) -> None:
        file = Path(self.edge.site.folder) / "tertulia.db"
        for _ in range(int(seconds / 0.1)):
            with sqlite3.connect(file) as database:
                due = database.execute(
                    "SELECT count(*) FROM outbox WHERE state = 'due'"
                ).fetchone()[0]
            database.close()
            if not due:
                return
            await asyncio.sleep(0.1)


__all__ = ["Platform", "Site", "in_what_order"]
