"""The receiving edge: everything in a body is committed before the door answers 200."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.app import Application
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.errors import Verdict, judge
from bot.channels.whatsapp.statuses import write_status
from bot.channels.whatsapp.webhooks import (
    Heard,
    Item,
    Moved,
    Notice,
    Stopped,
    Told,
    Unknown,
    read_webhook,
)
from storage.errors import StorageError
from storage.identities import move_address
from storage.once import claim
from storage.outbox import find_by_contact
from storage.participants import silence
from storage.turns import Committed

log = logging.getLogger(__name__)

MOST_READ_MARKS = 50
"""Read marks under way at once; those beyond are left out, they are a courtesy."""


class Edge:
    """Takes the bodies that the door let in."""

    def __init__(self, app: Application, channel: WhatsApp, number_id: str) -> None:
        self.app = app
        self.channel = channel
        self.number_id = number_id
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, raw: bytes) -> None:
        """Handle one body; returns when it is safe. Raises StorageError when it is not.

        Each thing in it stands alone: what was safe already is recognised when Meta repeats.
        """
        items = read_webhook(raw, self.app.clock.now(), self.number_id)
        heard = [item for item in items if isinstance(item, Heard)]
        if heard and self.app.delivery is not None:
            self.app.delivery.make_room(self.channel.name, len(heard))
        await asyncio.gather(
            self._write([item for item in items if not isinstance(item, Heard | Unknown)]),
            *(self._quarantine(item) for item in items if isinstance(item, Unknown)),
            *(self._converse(item) for item in heard),
        )
        notices = Counter(item for item in items if isinstance(item, Notice))
        for notice, n in notices.items():
            level = logging.WARNING if notice.is_ours else logging.DEBUG
            told = {"channel": "whatsapp", "kind": notice.kind, "n": n}
            log.log(level, "whatsapp_notice", extra=told)

    async def _converse(self, item: Heard) -> None:
        committed: Committed = await self.app.committer.submit(item.envelope)
        if committed.outcome == "applied" and len(self._tasks) < MOST_READ_MARKS:
            self._beside(self.channel.client.mark_read(item.platform_id))

    async def _quarantine(self, item: Unknown) -> None:
        await self.app.committer.submit(item.envelope)

    async def _write(self, items: Sequence[Item]) -> None:
        """Statuses and changed numbers: no turn of anybody, one write for all of a body.

        If one of them cannot be written each is tried alone, so that it stops no other.
        """
        wanted = [item for item in items if not isinstance(item, Notice)]
        if not wanted:
            return
        try:
            await self._write_together(wanted)
        except StorageError:
            raise
        except Exception:  # noqa: BLE001 - one odd status must not come again for seven days
            for item in wanted:
                try:
                    await self._write_together([item])
                except StorageError:
                    raise
                except Exception as problem:  # noqa: BLE001 - the odd one
                    told = {"channel": "whatsapp", "problem": type(problem).__name__}
                    log.error("whatsapp_item_failed", extra=told)

    async def _write_together(self, items: Sequence[Item]) -> None:
        for participant in await self.app.committer.write(partial(self._apply, items)):
            self.channel.note_closed(participant)

    def _apply(self, items: Sequence[Item], connection: Connection) -> list[int]:
        """Returns those whose window turned out to be closed."""
        closed: list[int] = []
        keys, name, now = self.app.keys, self.channel.name, self.app.clock.now()
        for item in items:
            match item:
                case Told(status=status):
                    failure = write_status(connection, keys, status, now)
                    if failure is not None and judge(failure.code) is Verdict.WINDOW:
                        closed.append(failure.participant)
                case Moved(old=old, new=new, platform_id=event):
                    once = keys.hash("moved", event).hex()
                    if claim(connection, f"whatsapp/moved/{once}", now):
                        move_address(connection, keys, name, old, new)
                case Stopped(address=address):
                    person = find_by_contact(connection, keys, name, address)
                    if person is not None:
                        silence(connection, person, now)
                case _:
                    pass
        return closed

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self) -> None:
        """Wait for what goes on beside."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
