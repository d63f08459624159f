"""After a gap in the service: those who were in the middle are asked again, once.

Telegram keeps a press for 150 seconds and a message for a day. Messages that waited are handled
first; who is still where they were when the service stopped may have lost a press.
"""

from __future__ import annotations

from functools import partial

from bot.app import Application
from flows.inbound import Envelope, Inbound, Missed
from storage.gaps import GAP, last_seen, list_interrupted, set_seen

BEAT_EVERY = 30_000_000
"""Microseconds between two notes that the channel receives."""


class Watch:
    """Notes that a channel receives, and notices when it did not for too long."""

    def __init__(self, app: Application, channel: str) -> None:
        self.app = app
        self.channel = channel
        self._noted_at = 0
        self._gap_began: int | None = None
        self._is_first = True

    async def beat(self, *, is_caught_up: bool) -> int:
        """The channel has just received; returns how many people were asked again."""
        now = self.app.clock.now()
        if self._is_first:
            seen = await self.app.database.read(partial(last_seen, channel=self.channel))
            self._noted_at, self._is_first = seen or now, False
        if now - self._noted_at > GAP:
            self._gap_began = self._noted_at
        asked = 0
        if self._gap_began is not None and is_caught_up:
            asked = await self._ask_again(self._gap_began, now)
            self._gap_began = None
        if self._gap_began is None and now - self._noted_at >= BEAT_EVERY:
            await self.app.committer.write(partial(set_seen, channel=self.channel, at=now))
            self._noted_at = now
        return asked

    async def _ask_again(self, seen_at: int, now: int) -> int:
        """Each goes through the committer under a name of its own gap, so it happens once."""
        people = await self.app.database.read(
            partial(list_interrupted, channel=self.channel, seen_at=seen_at)
        )
        for participant in people:
            await self.app.committer.submit(
                Envelope(
                    channel=self.channel,
                    address="",
                    external_id=f"gap/{seen_at}/{participant}",
                    inbound=Inbound(channel=self.channel, body=Missed(), sent_at=now),
                    received_at=now,
                    participant=participant,
                )
            )
        return len(people)
