"""What a campaign will cost before it is sent: messages by the category that Meta bills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.channels.whatsapp.channel import MARGIN, SERVICE, WINDOW
from bot.channels.whatsapp.templates import Templates, find_template
from flows.messages import Message

CLOSED = "window_closed"
"""Those to whom nothing may be sent: their message goes by another channel, or is counted."""


def forecast(
    people: Iterable[tuple[int | None, Message]], approved: Templates, at: int
) -> dict[str, int]:
    """Messages by category: `service`, `utility`, `marketing`; `window_closed` cannot go.

    `people`: when each last wrote on WhatsApp (None: never) and what they would be sent; `at`:
    when it is sent, UTC microseconds. Who writes meanwhile costs less, who does not, not more.
    """
    counted: Counter[str] = Counter()
    for heard_at, message in people:
        template = find_template(approved, message)
        if heard_at is not None and at < heard_at + WINDOW - MARGIN:
            counted[SERVICE] += 1
        else:
            counted[template.category if template else CLOSED] += 1
    return dict(sorted(counted.items()))
