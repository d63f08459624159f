"""Durable turns a second: the real engine, SQLite FULL, many people at once."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.engine import SCRIPT
from bot.app import Application
from bot.clock import ManualClock
from bot.instance import make_folder
from flows.inbound import Envelope, Inbound
from tests.support.cities import NOW

PEOPLE = 500


async def _person(app: Application, number: int, gate: asyncio.Semaphore) -> None:
    async with gate:
        for step, body in enumerate(SCRIPT):
            inbound = Inbound(channel="web", body=body, sent_at=NOW, order=(NOW, step))
            await app.committer.submit(
                Envelope(
                    channel="web",
                    address=f"p{number}",
                    external_id=f"{number}/{step}",
                    inbound=inbound,
                    received_at=NOW + step,
                )
            )


async def _measure(at_once: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        make_folder(Path(folder) / "city")
        app = Application.at(Path(folder) / "city", clock=ManualClock(NOW))
        await app.start(delivers=False)
        gate = asyncio.Semaphore(at_once)
        begun = time.perf_counter()
        await asyncio.gather(*(_person(app, n, gate) for n in range(PEOPLE)))
        seconds = time.perf_counter() - begun
        await app.stop()
    return PEOPLE * len(SCRIPT) / seconds


def main() -> None:
    """Print turns a second for few and many people at once."""
    for at_once in (1, 16, 128):
        rate = asyncio.run(_measure(at_once))
        print(f"{at_once:4} people at once: {rate:7.0f} durable turns a second")
    print("storage-facts: Core, one commit per turn 288; groups of up to 128 14,800 (no engine)")


if __name__ == "__main__":
    main()
