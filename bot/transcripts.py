"""A conversation as a file that people review: `citizen:` lines and the `bot:` lines they got.

The same file is a script: only its `citizen:` lines are said again. A file without any
`citizen:` line is a plain list of lines to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.channels.base import CAPABILITIES
from bot.channels.rendering import render
from flows.messages import Message

CITIZEN, BOT, MORE = "citizen: ", "bot: ", "     "


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was said (nothing when the person only arrived) and what came back, if anything."""

    said: str
    message: Message | None

    def as_trace(self) -> dict[str, object]:
        """The exchange as JSON, for programs."""
        message = self.message
        return {
            "said": self.said,
            "code": message.code if message else None,
            "language": message.language if message else None,
            "text": message.text if message else None,
            "replies": [{"payload": r.payload, "label": r.label} for r in message.replies]
            if message
            else [],
        }


def lines_of(text: str) -> list[str]:
    """What the citizen says in a transcript or a plain script; `#` begins a remark."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    said = [line.removeprefix(CITIZEN) for line in lines if line.startswith(CITIZEN)]
    return said or lines


def remark_of(text: str) -> str:
    """The remark on top of a transcript."""
    return "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#"))


def as_text(exchanges: Iterable[Exchange]) -> str:
    """The transcript, every message as numbered text."""
    lines: list[str] = []
    for exchange in exchanges:
        if exchange.said:
            lines += ["", CITIZEN + exchange.said]
        if exchange.message is not None:
            shown = "\n".join(render(exchange.message, CAPABILITIES["console"]).texts)
            first, *rest = shown.split("\n")
            lines += [BOT + first, *((MORE + line).rstrip() for line in rest)]
    return "\n".join(lines).lstrip("\n") + "\n"
