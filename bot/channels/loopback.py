"""A channel inside the process: ids, acknowledgements and duplicates like a real platform's.

The demo's people and the tests speak through it: envelopes in, outbox and delivery out.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bot.channels.base import CAPABILITIES, Capabilities
from flows.inbound import Body, Envelope, Inbound
from flows.messages import Message
from storage.turns import Committed

Submit = Callable[[Envelope], Awaitable[Committed]]


class Loopback:
    """People by address; each has a queue of delivered messages."""

    name = "loopback"
    capabilities: Capabilities = CAPABILITIES["telegram"]
    per_second = 0.0
    per_person_seconds = 0.0

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self._boxes: dict[str, asyncio.Queue[Message]] = defaultdict(asyncio.Queue)
        self._count: dict[str, int] = defaultdict(int)
        self.delivered: dict[str, list[int]] = defaultdict(list)

    async def say(
        self, address: str, body: Body, *, at: int, language: str | None = None, copies: int = 1
    ) -> Committed:
        """Speak as the person at an address; `copies` delivers the same update again."""
        self._count[address] += 1
        number = self._count[address]
        inbound = Inbound(
            channel=self.name, body=body, sent_at=at, order=(at, number), language=language
        )
        envelope = Envelope(
            channel=self.name,
            address=address,
            external_id=f"{address}/{number}",
            inbound=inbound,
            received_at=at,
        )
        results = [await self._submit(envelope) for _ in range(copies)]
        return results[0]

    def split(self, message: Message) -> tuple[Message, ...]:
        """Whole: there is no limit here."""
        return (message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        """Deliver: into the person's queue."""
        self.delivered[address].append(message_id)
        self._boxes[address].put_nowait(message)

    async def hear(self, address: str, timeout_s: float = 120.0) -> Message:
        """The next message that reached the person."""
        return await asyncio.wait_for(self._boxes[address].get(), timeout_s)
