"""Long polling: the offset moves after the commit, so that a crash loses no update.

The offset itself is kept nowhere: Telegram hands out again whatever was not confirmed, and an
update that was accepted before is recognised.
"""

from __future__ import annotations

import asyncio
import logging
import re

import aiohttp
import msgspec
from aiogram.client.session.aiohttp import AiohttpSession

from bot.channels.telegram.channel import NOT_KNOWN, told
from bot.channels.telegram.edge import Edge
from bot.channels.telegram.gap import Watch
from bot.channels.telegram.updates import ALLOWED, UNREADABLE, update_id
from bot.errors import ChannelError, Misconfigured, Unavailable
from storage.errors import StorageError

log = logging.getLogger(__name__)

POLL_S = 25
BATCH = 100
LONGEST_WAIT_S = 30.0
CONFLICT = 409
UNAUTHORIZED = 401
_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})')


class _Answer(msgspec.Struct):
    ok: bool
    result: list[msgspec.Raw] = []


_decode_answer = msgspec.json.Decoder(_Answer).decode


class Conflict(ChannelError):
    """Another program polls the same bot, or a webhook is set."""

    code = "another_poller"
    retryable = True


class Polling:
    """Runs until cancelled."""

    def __init__(self, edge: Edge, watch: Watch, *, poll_s: int = POLL_S) -> None:
        self.edge = edge
        self.watch = watch
        self.poll_s = poll_s
        self.offset = 0
        self._batch = BATCH

    async def run(self) -> None:
        """Poll; after a failure wait a little longer each time."""
        bot, failures, is_ours = self.edge.channel.bot, 0, False
        while True:
            try:
                if not is_ours:  # a webhook that is set would keep the updates away
                    await told(bot.delete_webhook(drop_pending_updates=False))
                    is_ours = True
                await self.once()
                failures = 0
            except (ChannelError, StorageError) as problem:
                failures += 1
                _tell(problem, failures)
                is_ours = is_ours and not isinstance(problem, Conflict)
                wait = min(2.0 ** (failures - 1), LONGEST_WAIT_S)
                await self.edge.app.clock.sleep(wait)

    async def once(self) -> None:
        """One poll: fetch, commit, and only then move on."""
        body = await self._fetch()
        try:
            updates = [bytes(raw) for raw in _decode_answer(body).result]
        except UNREADABLE:
            await self._odd_batch(body)
            return
        await asyncio.gather(*(self.edge.take(raw) for raw in updates))
        ids = [number for raw in updates if (number := update_id(raw)) is not None]
        self.offset = max(ids, default=self.offset - 1) + 1
        await self.watch.beat(is_caught_up=len(updates) < self._batch)
        self._batch = BATCH

    async def _odd_batch(self, body: bytes) -> None:
        """A batch that is no JSON: one update at a time, until the odd one is in quarantine."""
        if self._batch > 1:
            self._batch = 1
            return
        await self.edge.take(body)
        found = _ID.search(body)
        if found is not None:
            self.offset = int(found[1]) + 1
        self._batch = BATCH

    async def _fetch(self) -> bytes:
        """The answer of getUpdates as bytes. Raises ChannelError, which quotes nothing."""
        bot = self.edge.channel.bot
        assert isinstance(bot.session, AiohttpSession)
        session = await bot.session.create_session()
        asked = {
            "offset": self.offset,
            "limit": self._batch,
            "timeout": self.poll_s,
            "allowed_updates": list(ALLOWED),
        }
        timeout = aiohttp.ClientTimeout(total=self.poll_s + 15)
        url = bot.session.api.api_url(bot.token, "getUpdates")
        try:
            async with session.post(url, json=asked, timeout=timeout) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Unavailable("Telegram cannot be reached.") from None
        if answer.status == CONFLICT:
            raise Conflict("Another program is polling this bot.")
        if answer.status == UNAUTHORIZED:
            raise Misconfigured(NOT_KNOWN)
        if not answer.ok:
            raise Unavailable("Telegram does not answer as it should.")
        return body


def _tell(problem: ChannelError | StorageError, failures: int) -> None:
    extra = {"channel": "telegram", "problem": problem.code, "attempt": failures}
    if isinstance(problem, Conflict):
        log.error(
            "Another program is polling this Telegram bot, or a webhook is set: "
            "stop the other one, or give each its own token.",
            extra=extra,
        )
    elif isinstance(problem, Misconfigured):
        log.error(NOT_KNOWN, extra=extra)
    else:
        log.warning("telegram_poll_failed", extra=extra)
