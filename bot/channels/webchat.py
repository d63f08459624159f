"""The web chat as a channel: the outbox is its mailbox, pages read it by event stream.

An address is a random 128-bit id in a cookie; no internet address is kept. A send carries an
id that the page made, so a resend after a restart is recognised.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import msgspec

from bot.channels.base import CAPABILITIES, Capabilities
from flows.inbound import Arrived, Body, Envelope, Inbound, Pressed, Said
from flows.messages import Message

MOST_BODY = 64 * 1024


class WebChat:
    """Wakes the pages that are open; what they missed they ask for themselves."""

    name = "web"
    capabilities: Capabilities = CAPABILITIES["web"]
    per_second = 0.0
    per_person_seconds = 0.0

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Event]] = defaultdict(set)

    def split(self, message: Message) -> tuple[Message, ...]:
        """Whole: there is no limit here."""
        return (message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        """The message is in the mailbox already: tell the pages to look."""
        self.wake(address)

    def wake(self, address: str) -> None:
        """Tell the pages of an address to look into their mailbox."""
        for event in self._open.get(address, ()):
            event.set()

    def listen(self, address: str) -> asyncio.Event:
        """An event that is set whenever there may be something new."""
        event = asyncio.Event()
        self._open[address].add(event)
        return event

    def forget(self, address: str, event: asyncio.Event) -> None:
        """The page has gone."""
        self._open[address].discard(event)
        if not self._open[address]:
            del self._open[address]


class _Sent(msgspec.Struct):
    """What a page posts: its own id and one of the three."""

    id: str
    text: str | None = None
    payload: str | None = None
    arrive: str | None = None


_sent = msgspec.json.Decoder(_Sent)


def decode(raw: bytes, address: str, now: int, language: str | None) -> Envelope:
    """The envelope of a posted body; one that cannot be read goes to quarantine."""
    try:
        sent = _sent.decode(raw)
        body = _body(sent)
        if not sent.id or len(sent.id) > 80:
            raise ValueError("id")
    except (msgspec.DecodeError, ValueError, UnicodeDecodeError, RecursionError) as problem:
        return Envelope(
            channel="web",
            address=address,
            external_id=f"{address}/bad/{now}",
            inbound=None,
            received_at=now,
            raw=raw[:MOST_BODY],
            problem=f"undecodable: {type(problem).__name__}",
        )
    inbound = Inbound(channel="web", body=body, sent_at=now, order=(now, 0), language=language)
    return Envelope(
        channel="web",
        address=address,
        external_id=f"{address}/{sent.id}",
        inbound=inbound,
        received_at=now,
    )


def _body(sent: _Sent) -> Body:
    if sent.text is not None:
        return Said(text=sent.text)
    if sent.payload is not None:
        return Pressed(payload=sent.payload)
    if sent.arrive is not None:
        return Arrived(source=sent.arrive)
    raise ValueError("nothing said")


def as_page(message: Message, message_id: int | None) -> dict[str, Any]:
    """A message as the page's script takes it, with its shape on other platforms."""
    from bot.channels.rendering import render

    shapes = {}
    for name in ("telegram", "whatsapp"):
        rendered = render(message, CAPABILITIES[name])
        shapes[name] = {
            "texts": rendered.texts,
            "shape": rendered.shape,
            "list_label": rendered.list_label,
            "replies": [
                {"payload": r.payload, "label": r.label, "description": r.description}
                for r in rendered.replies
            ],
        }
    return {"id": message_id, **msgspec.to_builtins(message), "shapes": shapes}
