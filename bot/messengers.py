"""What secrets.env connects: the citizens' bot and number, the officials' desk, the e-mail.

aiogram, aiohttp and python-telegram-bot are imported only where their token is given.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.app import Application
from bot.credentials import Credentials

if TYPE_CHECKING:
    from starlette.routing import Route

    from bot.channels.telegram.service import TelegramService
    from bot.channels.whatsapp.service import WhatsAppService
    from bot.desk.service import DeskService

MAIL_EVERY_S = 60.0


class Messengers:
    """Made before the application starts, so that its delivery knows every channel."""

    def __init__(self, app: Application, credentials: Credentials) -> None:
        self.app = app
        self.credentials = credentials
        self.telegram = self._telegram()
        self.whatsapp = self._whatsapp()
        self.desk = self._desk()
        self._mail: asyncio.Task[None] | None = None

    @property
    def routes(self) -> list[Route]:
        """The webhooks, for the web server."""
        both = (self.telegram, self.whatsapp)
        return [route for one in both if one is not None for route in one.routes]

    def start(self) -> None:
        """Begin to receive; does not wait for anybody to answer."""
        if self.telegram is not None:
            self.telegram.start()
        if self.whatsapp is not None:
            self.whatsapp.start()
        if self.desk is not None:
            self.desk.start()
        elif self.credentials.mail is not None:
            from bot.desk.pushing import Pushing

            pushing = Pushing(self.app, None, self.credentials.mail)
            self._mail = asyncio.create_task(pushing.run(MAIL_EVERY_S))

    async def stop(self) -> None:
        """Receive no more; sending goes on until the application has stopped."""
        if self._mail is not None:
            self._mail.cancel()
        if self.desk is not None:
            await self.desk.stop()
        if self.telegram is not None:
            await self.telegram.stop()
        if self.whatsapp is not None:
            await self.whatsapp.stop()

    async def close(self) -> None:
        """Let the connections go."""
        if self.telegram is not None:
            await self.telegram.close()
        if self.whatsapp is not None:
            await self.whatsapp.close()

    def _telegram(self) -> TelegramService | None:
        if self.credentials.telegram is None:
            return None
        from bot.channels.telegram.service import TelegramService

        return TelegramService(self.app, self.credentials.telegram)

    def _whatsapp(self) -> WhatsAppService | None:
        if self.credentials.whatsapp is None:
            return None
        from bot.channels.whatsapp.service import WhatsAppService

        return WhatsAppService(self.app, self.credentials.whatsapp)

    def _desk(self) -> DeskService | None:
        if self.credentials.desk is None:
            return None
        from bot.desk.service import DeskService

        return DeskService(
            self.app,
            self.credentials.desk,
            self.credentials.mail,
            citizens_bot=lambda: self.telegram.name if self.telegram is not None else "",
        )
