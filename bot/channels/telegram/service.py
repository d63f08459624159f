"""The citizens' Telegram bot as one thing to start and stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from starlette.routing import Route

from bot.app import Application
from bot.channels.telegram.channel import Telegram, make_bot, told
from bot.channels.telegram.edge import Edge
from bot.channels.telegram.gap import Watch
from bot.channels.telegram.polling import POLL_S, Polling
from bot.channels.telegram.profile import fingerprint, profiles, set_profiles
from bot.channels.telegram.updates import ALLOWED
from bot.channels.telegram.webhook import PATH, make_route
from bot.credentials import TelegramAccess
from bot.errors import ChannelError
from storage.errors import StorageError
from storage.once import claim, is_claimed

T = TypeVar("T")
log = logging.getLogger(__name__)

RETRY_S = 30.0
BEAT_S = 30.0
MOST_CONNECTIONS = 40


class TelegramService:
    """Channel, edge and one of the two ways in. `routes` belong to the web server."""

    def __init__(self, app: Application, access: TelegramAccess, *, poll_s: int = POLL_S) -> None:
        self.app = app
        self.access = access
        self.channel = Telegram(make_bot(access.token, access.api), app.clock)
        app.add_channel(self.channel)
        self.edge = Edge(app, self.channel)
        self.watch = Watch(app, self.channel.name)
        self.polling = Polling(self.edge, self.watch, poll_s=poll_s)
        is_pushed = bool(access.webhook_url)
        self.routes: list[Route] = (
            [make_route(self.edge, access.webhook_secret)] if is_pushed else []
        )
        self.name = ""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to receive; what Telegram must be told first is tried until it works."""
        way_in = self._be_pushed() if self.routes else self.polling.run()
        self._tasks = [asyncio.create_task(way_in), asyncio.create_task(self._introduce())]

    async def stop(self) -> None:
        """End; what was being handled is finished or comes again."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self.edge.rest()

    async def close(self) -> None:
        """Let the connections go, after the delivery has ended."""
        await self.channel.close()

    async def _be_pushed(self) -> None:
        """Set the webhook, then note now and then that the service is there."""
        url = self.access.webhook_url.rstrip("/") + PATH
        await self._insist(
            lambda: told(
                self.channel.bot.set_webhook(
                    url,
                    secret_token=self.access.webhook_secret,
                    allowed_updates=list(ALLOWED),
                    max_connections=MOST_CONNECTIONS,
                )
            )
        )
        while True:
            with suppress(StorageError):
                await self.watch.beat(is_caught_up=True)
            await self.app.clock.sleep(BEAT_S)

    async def _introduce(self) -> None:
        """Learn the bot's name; set commands and descriptions if they have changed."""
        me = await self._insist(lambda: told(self.channel.bot.get_me()))
        self.name = me.username or ""
        self.edge.link = f"https://t.me/{me.username}"
        kind = "webhook" if self.routes else "polling"
        log.info("telegram_connected", extra={"channel": "telegram", "kind": kind})
        wanted = profiles(self.app.folder.main)
        name = fingerprint(me.id, wanted)
        if await self.app.database.read(partial(is_claimed, name=name)):
            return
        await self._insist(lambda: set_profiles(self.channel.bot, wanted))
        await self.app.committer.write(partial(claim, name=name, at=self.app.clock.now()))

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of a call that is tried until Telegram answers."""
        while True:
            try:
                return await call()
            except ChannelError as problem:
                log.warning(
                    "telegram_setup_failed", extra={"channel": "telegram", "problem": problem.code}
                )
                await self.app.clock.sleep(RETRY_S)
