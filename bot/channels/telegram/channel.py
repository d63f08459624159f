"""Sends to people on Telegram through aiogram, and tells its errors in our words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import LinkPreviewOptions

from bot.channels.base import CAPABILITIES, Capabilities
from bot.channels.telegram.keyboards import shown, split
from bot.clock import Clock
from bot.errors import (
    ChannelError,
    MessageRejected,
    Misconfigured,
    RecipientGone,
    Throttled,
    Unavailable,
)
from flows.messages import Message

T = TypeVar("T")
log = logging.getLogger(__name__)

API = "https://api.telegram.org"
TIMEOUT_S = 20
EDIT_EVERY_S = 1.0
"""Edits of one chat's marks are this far apart; those in between coalesce to the last."""
NOT_KNOWN = (
    "Telegram does not know TELEGRAM_TOKEN. Copy it again from BotFather into secrets.env "
    "and start again."
)
GONE = ("chat not found", "user is deactivated", "PEER_ID_INVALID")


def make_bot(token: str, api: str = API) -> Bot:
    """aiogram's client. `api` is another address in tests and for a local Bot API server."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api), timeout=TIMEOUT_S)
    default = DefaultBotProperties(link_preview=LinkPreviewOptions(is_disabled=True))
    return Bot(token, session=session, default=default)


class Telegram:
    """The channel. Figures of pace: Telegram's FAQ for bots, see docs/performance.md."""

    name = "telegram"
    capabilities: Capabilities = CAPABILITIES["telegram"]
    per_second = 30.0
    per_person_seconds = 1.0

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self.bot = bot
        self.clock = clock
        self._marks: dict[int, tuple[int, Message]] = {}
        self._editing: dict[int, asyncio.Task[None]] = {}

    def split(self, message: Message) -> tuple[Message, ...]:
        """Parts of at most 4,096 UTF-16 units."""
        return split(message)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        """Send one message; returns when Telegram has taken it."""
        text, markup = shown(message)
        await told(self.bot.send_message(int(address), text, reply_markup=markup))

    async def acknowledge(self, query: str) -> None:
        """End the little clock on a pressed button: best effort, it may be too late."""
        with suppress(AiogramError):
            await self.bot.answer_callback_query(query)

    def mark(self, chat: int, message_id: int, message: Message) -> None:
        """Show new marks on a message that is already there, some time soon."""
        self._marks[chat] = (message_id, message)
        if chat not in self._editing:
            self._editing[chat] = asyncio.create_task(self._edit(chat))

    async def _edit(self, chat: int) -> None:
        try:
            while chat in self._marks:
                message_id, message = self._marks.pop(chat)
                _, markup = shown(message)
                with suppress(ChannelError):  # the same marks, or a message that is gone
                    await told(
                        self.bot.edit_message_reply_markup(
                            chat_id=chat, message_id=message_id, reply_markup=markup
                        )
                    )
                await self.clock.sleep(EDIT_EVERY_S)
        finally:
            del self._editing[chat]

    async def leave_group(self, chat: int, words: str) -> None:
        """Say once why, and go: in a group everybody would see the answers."""
        with suppress(AiogramError):
            await self.bot.send_message(chat, words)
            await self.bot.leave_chat(chat)

    async def close(self) -> None:
        """Let the connections go."""
        for task in self._editing.values():
            task.cancel()
        await self.bot.session.close()


async def told(call: Awaitable[T]) -> T:
    """The result of a call; aiogram's errors become a ChannelError.

    None quotes the call: the token and the text stay out of every message.
    """
    try:
        return await call
    except TelegramRetryAfter as problem:
        raise Throttled(float(problem.retry_after)) from None
    except TelegramForbiddenError:
        raise RecipientGone("The person has blocked the bot or left.") from None
    except TelegramUnauthorizedError:
        raise Misconfigured(NOT_KNOWN) from None
    except TelegramBadRequest as problem:
        if any(word in problem.message for word in GONE):
            raise RecipientGone("The person has left.") from None
        raise MessageRejected("Telegram refuses the message.") from None
    except AiogramError:  # network, 5xx, an answer that is no JSON
        raise Unavailable("Telegram cannot be reached.") from None
