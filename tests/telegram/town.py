"""A city with its citizens' bot on the loopback Bot API, on a clock that runs fast."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import uvicorn
from starlette.applications import Starlette

from bot.app import Application
from bot.channels.telegram.service import TelegramService
from bot.clock import FastClock
from bot.credentials import TelegramAccess
from bot.instance import make_folder, make_keys
from storage.outbox import count_by_state
from tests.support.cities import NOW
from tests.support.telegram import Bot, BotApi, Message, Person, serving

TOKEN = "5550001:CANARY-TOKEN-of-the-citizens-bot"
SECRET = "canary-secret-of-the-webhook"
SPEED = 80.0
Way = Literal["polling", "webhook"]


@dataclass(slots=True)
class Town:
    """What a test holds in its hands."""

    app: Application
    service: TelegramService
    api: BotApi
    bot: Bot
    hook: str = ""

    def person(self, number: int = 1001, language: str | None = "es") -> Person:
        return Person(self.bot, number, language=language)

    async def quiet(self, seconds: float = 20.0) -> None:
        """Until every update was taken, and everything that is due has gone out."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            waits = len(self.bot.pending)  # first: what is confirmed is in the records already
            states = await self.app.database.read(count_by_state)
            if not waits and not states.get("due"):
                await self.service.edge.rest()
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"never quiet: {states}, {waits} updates wait")

    async def hears(self, person: Person) -> list[Message]:
        """What the person is sent by all that has been done so far and was not heard yet."""
        await self.quiet()
        heard = person.received
        new = heard[self._heard.get(person.id, 0) :]
        self._heard[person.id] = len(heard)
        return new

    _heard: dict[int, int] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self._heard = {}


def make_city(folder: Path) -> Path:
    """A city whose keys are always the same."""
    make_folder(folder)
    shutil.rmtree(folder / "keys")
    make_keys(folder, seed=b"transcripts")
    return folder


@asynccontextmanager
async def town(
    folder: Path, way: Way = "polling", *, start: int = NOW, people: tuple[Person, ...] = ()
) -> AsyncIterator[Town]:
    """Everything started, and stopped again. `people` of an earlier town come along."""
    clock = FastClock(start, time.monotonic(), SPEED)
    api = BotApi(now=lambda: clock.now() / 1_000_000, seed=start)
    bot = api.add_bot(TOKEN, "villa_ribera_bot")
    for person in people:
        person.bot = bot
        bot.know(person.chat)
    with serving(api) as address:
        listening = socket.create_server(("127.0.0.1", 0))
        hook = f"http://127.0.0.1:{listening.getsockname()[1]}"
        access = TelegramAccess(
            token=TOKEN,
            api=address,
            webhook_url=hook if way == "webhook" else "",
            webhook_secret=SECRET if way == "webhook" else "",
        )
        app = Application.at(folder, clock=clock, base_url="https://made-up.example")
        service = TelegramService(app, access, poll_s=1)
        await app.start()
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=service.routes), log_config=None))
        serves = asyncio.create_task(server.serve(sockets=[listening]))
        service.start()
        try:
            yield Town(app, service, api, bot, hook)
        finally:
            await service.stop()
            server.should_exit = True
            await serves
            await app.stop()
            await service.close()
