"""The desk as one thing to start and stop: handlers, the clock of what comes by itself.

python-telegram-bot polls for it: what an official asks can be asked again, so this bot needs no
durable edge of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from telegram import BotCommand
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.app import Application as City
from bot.credentials import DeskAccess, MailAccess
from bot.desk.access import Context, Door
from bot.desk.figures import Figures
from bot.desk.post import Post
from bot.desk.pushing import Pushing
from bot.desk.reading import Reading
from bot.desk.replying import Replying

log = logging.getLogger(__name__)

TICK_S = 60.0
RETRY_S = 30.0
POLL_S = 25
COMMANDS = (
    ("resumen", "La última semana, o /resumen 46"),
    ("cobertura", "Quién falta, con invitaciones listas"),
    ("pregunta", "Una tabla: /pregunta A15 por sector"),
    ("exportar", "El archivo: /exportar informe, csv o datos"),
    ("responder", "Responder a un tema con razones"),
    ("alertas", "Lo que pide atención"),
    ("ayuda", "Qué puede hacer aquí"),
)
NOT_KNOWN = (
    "Telegram does not know DESK_TOKEN. Copy it again from BotFather into secrets.env "
    "and start again."
)
WANTED = ["message", "callback_query"]


class DeskService:
    """The officials' bot."""

    def __init__(
        self,
        city: City,
        access: DeskAccess,
        mail: MailAccess | None = None,
        *,
        citizens_bot: Callable[[], str] = str,
        tick_s: float = TICK_S,
        poll_s: int = POLL_S,
    ) -> None:
        self.city = city
        self.tick_s = tick_s
        self.poll_s = poll_s
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder()
            .token(access.token)
            .base_url(f"{access.api}/bot")
            .base_file_url(f"{access.api}/file/bot")
            .concurrent_updates(False)
            .build()
        )
        self.post = Post(self.application.bot, city.clock)
        self.door = Door(city, self.post)
        self.reading = Reading(city, self.door, self.post, citizens_bot)
        self.figures = Figures(city, self.post)
        self.replying = Replying(city, self.door, self.post)
        self.pushing = Pushing(city, self.post, mail)
        self._starting: asyncio.Task[None] | None = None
        self._add_handlers()

    def _add_handlers(self) -> None:
        only, reading, add = self.door.only, self.reading, self.application.add_handler
        here = filters.ChatType.PRIVATE
        add(CommandHandler("start", reading.start, filters=here))
        add(CommandHandler(["ayuda", "help"], only(reading.help), filters=here))
        add(CommandHandler("resumen", only(reading.week, did="read_week"), filters=here))
        inside = ("analyst", "moderator")
        add(CommandHandler("cobertura", only(reading.coverage, *inside, did="read_coverage")))
        add(CommandHandler("alertas", only(reading.alerts, *inside, did="read_alerts")))
        figures = self.figures
        add(CommandHandler("pregunta", only(figures.question, did="read_question")))
        add(CommandHandler("exportar", only(figures.export, did="exported")))
        add(self.replying.handler())
        add(CallbackQueryHandler(only(self.replying.over)))
        add(MessageHandler(here, only(reading.unknown)))
        self.application.add_error_handler(_log_error)

    def start(self) -> None:
        """Begin to poll and to tick, as soon as Telegram answers."""
        self._starting = asyncio.create_task(self._begin())

    async def _begin(self) -> None:
        while True:
            try:
                await self.application.initialize()
                await self.application.bot.set_my_commands(
                    [BotCommand(name, says) for name, says in COMMANDS]
                )
                log.info("desk_connected", extra={"channel": "desk"})
                break
            except TelegramError as problem:
                _log_setup(problem)
                await self.city.clock.sleep(RETRY_S)
        jobs, updater = self.application.job_queue, self.application.updater
        assert jobs is not None
        assert updater is not None
        jobs.run_repeating(self._tick, interval=self.tick_s, first=0.01)
        await self.application.start()
        await updater.start_polling(
            timeout=self.poll_s,
            allowed_updates=WANTED,
            bootstrap_retries=-1,
            error_callback=_log_poll_error,
        )

    async def stop(self) -> None:
        """End, letting running handlers finish."""
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
        updater = self.application.updater
        if updater is not None and updater.running:
            await updater.stop()
        if self.application.running:
            await self.application.stop()
        await self.application.shutdown()

    async def _tick(self, _context: Context) -> None:
        await self.pushing.tick()


def _log_setup(problem: TelegramError) -> None:
    extra = {"channel": "desk", "problem": type(problem).__name__}
    if isinstance(problem, InvalidToken):
        log.error(NOT_KNOWN, extra=extra)
    else:
        log.warning("desk_setup_failed", extra=extra)


async def _log_error(_update: object, context: Context) -> None:
    """A handler failed: its type is logged, never what was said."""
    log.warning("desk_failed", extra={"problem": type(context.error).__name__})


def _log_poll_error(problem: TelegramError) -> None:
    log.warning("desk_poll_failed", extra={"problem": type(problem).__name__})
