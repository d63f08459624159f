"""The receiving edge: an update is acknowledged only after the commit that holds it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.app import Application
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.updates import Update, read_update
from flows.languages import LANGUAGES


class Edge:
    """Takes raw updates from polling or webhook alike."""

    def __init__(self, app: Application, channel: Telegram) -> None:
        self.app = app
        self.channel = channel
        self.link = "https://t.me"
        self._left: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, raw: bytes) -> None:
        """Handle one update; returns when it is safe. Raises StorageError when it is not.

        What is best effort (acknowledging a press, showing marks) goes on beside it.
        """
        update = read_update(raw, self.app.clock.now(), self.channel.bot.id)
        if update.group is not None and update.group not in self._left:
            self._left.add(update.group)
            self._beside(self.channel.leave_group(update.group, self._group_words()))
        await self._converse(update)

    async def _converse(self, update: Update) -> None:
        press = update.press
        if update.envelope is not None:
            committed = await self.app.committer.submit(update.envelope)
            for message in committed.messages:
                if message.replaces_last and press is not None and press.message_id is not None:
                    chat = int(update.envelope.address)
                    self.channel.mark(chat, press.message_id, message)
        if press is not None:
            self._beside(self.channel.acknowledge(press.query))

    def _group_words(self) -> str:
        """In the city's languages: whose group it is cannot be known."""
        bound = self.app.folder.main
        return "\n\n".join(
            bound.word("GRUPO", language, {"enlace": self.link})
            for language in LANGUAGES
            if language in bound.definition.languages
        )

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self) -> None:
        """Wait for what goes on beside."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
