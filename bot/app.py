"""The composition root: the only place that builds everything and introduces it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.channels.base import Channel
from bot.channels.loopback import Loopback
from bot.clock import Clock, SystemClock
from bot.conversation import Conversation
from bot.delivery import Delivery
from bot.instance import Folder, load_folder, load_keys
from flows.weeks import week_of
from storage.committer import Committer
from storage.database import Database
from storage.replies import list_replies
from storage.waves import list_decided, list_lifted


class Application:
    """A running Tertulia: `start` it in a loop, `stop` it."""

    def __init__(self, folder: Folder, *, clock: Clock | None = None, base_url: str = "") -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.keys = load_keys(folder.path)
        self.database = Database.open(folder.database)
        self.conversation = Conversation(folder, self.keys, base_url)
        zone = folder.instance.city.time_zone
        self.week_of: Callable[[int], str] = lambda at: week_of(at, zone)
        self.committer = Committer(
            self.database, self.keys, self.conversation.advance, self.week_of
        )
        self.loopback = Loopback(self.committer.submit)
        self.channels: dict[str, Channel] = {"loopback": self.loopback}
        self.delivery: Delivery | None = None
        self.lifted: frozenset[str] = frozenset()
        """First days of the silences that somebody lifted."""

    @classmethod
    def at(cls, path: Path, **options: Any) -> Application:
        """The application of an instance folder."""
        return cls(load_folder(path), **options)

    def add_channel(self, channel: Channel) -> None:
        """Add a channel before `start`."""
        self.channels[channel.name] = channel

    async def start(self, *, delivers: bool = True) -> None:
        """Start the committer, and the delivery unless this is a command."""
        await self.committer.start()
        await self.refresh()
        if delivers:
            self.delivery = Delivery(
                self.database, self.keys, self.committer, self.channels, self.clock
            )
            self.delivery.is_silent = self.is_silent
            self.delivery.start()

    async def refresh(self) -> None:
        """Read again what the conversation goes by: the city's replies, and the waves."""
        name = self.folder.main.definition.id
        replies = await self.database.read(lambda connection: list_replies(connection, name))
        self.conversation.set_replies(replies)
        self.conversation.set_waves(await self.database.read(list_decided))
        lifted = await self.database.read(list_lifted)
        self.lifted = frozenset(one.first_day for one in lifted)

    def is_silent(self) -> bool:
        """Whether campaigns and publications have to wait now."""
        return self.folder.instance.city.calm(self.lifted).silent_until(self.clock.now()) > 0

    async def stop(self) -> None:
        """Stop sending, write what is queued, close."""
        if self.delivery is not None:
            await self.delivery.stop()
        await self.committer.stop()
        await self.database.close()
