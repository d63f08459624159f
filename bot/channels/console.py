"""The terminal as a channel: numbers, words, and the same path as everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from bot.app import Application
from bot.channels.base import CAPABILITIES, Capabilities
from bot.channels.rendering import render
from bot.transcripts import Exchange
from flows.inbound import Arrived, Body, Envelope, Inbound, Said
from flows.messages import Message

ADDRESS = "terminal"


class Console:
    """One person at one terminal."""

    name = "console"
    capabilities: Capabilities = CAPABILITIES["console"]
    per_second = 0.0
    per_person_seconds = 0.0

    def __init__(self, app: Application) -> None:
        self.app = app
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self._count = 0

    def split(self, message: Message) -> tuple[Message, ...]:
        """Whole: a terminal has no limit."""
        return (message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        """Show the message."""
        self.heard.put_nowait(message)

    async def say(self, body: Body) -> Message | None:
        """Speak, and wait for the answer that is delivered."""
        self._count += 1
        now = self.app.clock.now()
        inbound = Inbound(channel=self.name, body=body, sent_at=now, order=(now, self._count))
        committed = await self.app.committer.submit(
            Envelope(
                channel=self.name,
                address=ADDRESS,
                external_id=f"{now}/{self._count}",
                inbound=inbound,
                received_at=now,
            )
        )
        return await self.heard.get() if committed.outbox_ids else None

    async def talk(self, consultation: str, lines: Iterable[str] | None = None) -> list[Exchange]:
        """A conversation: from the given lines, else from the keyboard. Returns all of it."""
        message = await self.say(Arrived(consultation=consultation))
        exchanges = [Exchange(said="", message=message)]
        for line in lines if lines is not None else _typed():
            self.show(message)
            if lines is not None:
                print(f"> {line}")
            message = await self.say(Said(text=line))
            exchanges.append(Exchange(said=line, message=message))
        self.show(message)
        return exchanges

    def show(self, message: Message | None) -> None:
        """Print a message as numbered text."""
        if message is None:
            return
        print("\n".join(render(message, self.capabilities).texts) + "\n", flush=True)


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input("> ")
        except EOFError:
            return
