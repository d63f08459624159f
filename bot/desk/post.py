"""What the desk sends: one message a second to a chat, patient when Telegram asks to wait."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import Forbidden, RetryAfter, TelegramError

from bot.clock import Clock
from bot.errors import RecipientGone, Unavailable

log = logging.getLogger(__name__)

APART = 1_002_000
TRIES = 4
MOST_CHARS = 4_000


@dataclass(slots=True)
class Post:
    """Sends to officials; raises ChannelError when something did not arrive."""

    bot: Bot
    clock: Clock
    _next: dict[int, int] = field(default_factory=dict)
    _order: dict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def text(
        self, chat: int, text: str, buttons: list[tuple[str, str]] | None = None
    ) -> None:
        """A text, with one button a row: (label, callback data)."""
        rows = [[InlineKeyboardButton(label, callback_data=data)] for label, data in buttons or []]
        markup = InlineKeyboardMarkup(rows) if rows else None
        await self._send(
            chat, lambda: self.bot.send_message(chat, text[:MOST_CHARS], reply_markup=markup)
        )

    async def picture(self, chat: int, png: bytes, caption: str) -> None:
        """A picture with its text."""
        await self._send(
            chat, lambda: self.bot.send_photo(chat, png, caption=caption, filename="semana.png")
        )

    async def file(self, chat: int, content: bytes, name: str) -> None:
        """A file."""
        await self._send(chat, lambda: self.bot.send_document(chat, content, filename=name))

    async def _send(self, chat: int, call: Callable[[], Awaitable[Any]]) -> None:
        async with self._order[chat]:
            for attempt in range(TRIES):
                wait = self._next.get(chat, 0) - self.clock.now()
                if wait > 0:
                    await self.clock.sleep(wait / 1_000_000)
                try:
                    await call()
                except RetryAfter as asked:
                    self._next[chat] = self.clock.now() + _microseconds(asked.retry_after)
                    continue
                except Forbidden:
                    raise RecipientGone("The official has blocked the desk.") from None
                except TelegramError as problem:
                    log.warning("desk_not_sent", extra={"problem": type(problem).__name__})
                    if attempt == TRIES - 1:
                        raise Unavailable("Telegram cannot be reached.") from None
                    self._next[chat] = self.clock.now() + APART * 2**attempt
                    continue
                self._next[chat] = self.clock.now() + APART
                return
            raise Unavailable("Telegram asks to wait.")


def _microseconds(wait: int | timedelta) -> int:
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
    return int(seconds * 1_000_000)
