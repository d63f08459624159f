"""The citizens' WhatsApp number as one thing to start and stop."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from starlette.routing import Route

from bot.app import Application
from bot.channels.whatsapp.channel import DAY, WhatsApp
from bot.channels.whatsapp.client import Client
from bot.channels.whatsapp.edge import Edge
from bot.channels.whatsapp.errors import GraphError
from bot.channels.whatsapp.templates import load_templates
from bot.channels.whatsapp.webhook import make_routes
from bot.credentials import WhatsAppAccess
from bot.errors import ChannelError
from storage.dispatches import count_opened

log = logging.getLogger(__name__)

RETRY_S = 60.0
NOT_KNOWN = (
    "Meta does not open WHATSAPP_NUMBER_ID with WHATSAPP_TOKEN: take both from the app's page "
    "again; the token is the one of the system user, which does not expire."
)


class WhatsAppService:
    """Channel, edge and door. `routes` belong to the web server.

    Meta keeps what it cannot deliver for seven days, presses too: after a gap nobody needs to be
    asked again, what was said comes by itself.
    """

    def __init__(self, app: Application, access: WhatsAppAccess) -> None:
        self.app = app
        self.channel = WhatsApp(
            Client(access),
            app.clock,
            load_templates(app.folder.path),
            daily_people=access.daily_people,
        )
        app.add_channel(self.channel)
        self.edge = Edge(app, self.channel, access.number_id)
        self.routes: list[Route] = make_routes(self.edge, access)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; the door is open as soon as the web server is."""
        works = (self._remember(), self._introduce())
        self._tasks = [asyncio.create_task(work) for work in works]

    async def _remember(self) -> None:
        """Who was written to within a day, so that a restart does not count them anew."""
        since = self.app.clock.now() - DAY
        opened = await self.app.database.read(
            partial(count_opened, channel=self.channel.name, since=since)
        )
        self.channel.opened = opened | self.channel.opened

    async def _introduce(self) -> None:
        """Say in the log whether Meta knows us, once it can be reached."""
        while True:
            try:
                await self.channel.client.introduce()
            except GraphError as problem:
                log.error(NOT_KNOWN, extra={"channel": "whatsapp", "problem": problem.code})
            except ChannelError as problem:
                told = {"channel": "whatsapp", "problem": problem.code}
                log.warning("whatsapp_setup_failed", extra=told)
            else:
                log.info("whatsapp_connected", extra={"channel": "whatsapp"})
                return
            await self.app.clock.sleep(RETRY_S)

    async def stop(self) -> None:
        """End what goes on beside; what is posted from now on comes again."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self.edge.rest()

    async def close(self) -> None:
        """Let the connections go, after the delivery has ended."""
        await self.channel.close()
