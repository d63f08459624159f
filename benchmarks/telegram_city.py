"""The city of `make load`: a real application in its own process, on a clock that runs fast."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from bot.app import Application
from bot.channels.telegram.service import TelegramService
from bot.clock import FastClock
from bot.credentials import TelegramAccess


async def run(folder: Path, api: str, token: str, clock: FastClock) -> None:
    """Receive and send until told to stop."""
    app = Application.at(folder, clock=clock, base_url="https://made-up.example")
    service = TelegramService(app, TelegramAccess(token=token, api=api), poll_s=1)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await app.start()
    service.start()
    await stop.wait()
    await service.stop()
    await app.stop()
    await service.close()


if __name__ == "__main__":
    where, address, secret, start, zero, speed = sys.argv[1:]
    asyncio.run(
        run(Path(where), address, secret, FastClock(int(start), float(zero), float(speed)))
    )
