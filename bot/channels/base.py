"""What every channel is: a name, what it can show, and a way to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from flows.messages import Message
from storage.dispatches import Dispatch
from storage.outbox import OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a platform shows. `buttons`: most reply buttons in one message (0: none).

    `rows`: most rows of a list (0: no lists). Characters count as the platform counts them:
    `text_chars` of a text with choices below it, `plain_chars` of a text alone. `edits`: sent
    marks can be changed in place.
    """

    name: str
    buttons: int
    button_chars: int
    rows: int
    row_chars: int
    description_chars: int
    text_chars: int
    plain_chars: int
    edits: bool


CAPABILITIES = {
    "telegram": Capabilities(
        name="telegram", buttons=100, button_chars=40, rows=0, row_chars=0,
        description_chars=0, text_chars=4096, plain_chars=4096, edits=True,
    ),
    "whatsapp": Capabilities(
        name="whatsapp", buttons=3, button_chars=20, rows=10, row_chars=24,
        description_chars=72, text_chars=1024, plain_chars=4096, edits=False,
    ),
    "web": Capabilities(
        name="web", buttons=300, button_chars=80, rows=0, row_chars=0,
        description_chars=200, text_chars=65536, plain_chars=65536, edits=True,
    ),
    "console": Capabilities(
        name="console", buttons=0, button_chars=0, rows=0, row_chars=0,
        description_chars=0, text_chars=65536, plain_chars=65536, edits=False,
    ),
}  # fmt: skip


class Channel(Protocol):
    """A way to people. `send` raises `bot.errors.ChannelError` when a message is not taken."""

    name: str
    capabilities: Capabilities
    per_second: float
    per_person_seconds: float

    def split(self, message: Message) -> tuple[Message, ...]:
        """The message in parts that the platform takes one by one."""

    async def send(self, address: str, message: Message, message_id: int) -> None:
        """Send one message; returns when the platform has taken it."""


@runtime_checkable
class Tracked(Protocol):
    """A channel whose platform names every message and tells later what became of it."""

    def parts(self, row: OutboxRow) -> tuple[Message, ...]:
        """The message of a row in the parts that may be sent now."""

    async def dispatch(self, row: OutboxRow, part: Message) -> Dispatch:
        """Send one part of an outbox row. Raises `bot.errors.ChannelError`."""
