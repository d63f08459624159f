"""What a campaign costs: its messages by channel and category, and the price where it is known.

Meta bills by category: free text within a day of the person's last message, else the approved
text that fits (`bot.channels.whatsapp.costs`). Other channels ask nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from bot.campaigns import Calendar, Going, Plan
from flows.campaigns import compose
from storage.hearing import list_heard

BILLED = "whatsapp"
"""The channel whose platform asks money for a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """Messages of one channel and category. `price` is None when nobody has said it."""

    channel: str
    category: str
    messages: int
    price: Decimal | None


def costs_of(connection: Connection, calendar: Calendar, plan: Plan) -> list[CostLine]:
    """What a plan costs, by channel and category."""
    city = calendar.folder.instance.city
    lines: dict[tuple[str, str], tuple[int, Decimal | None]] = {}
    for going, category in _categories(connection, calendar, plan):
        country, one = going.country or city.country, None
        is_billed = going.channel == BILLED and category
        one = city.prices.of(BILLED, category, country) if is_billed else Decimal(0)
        n, total = lines.get((going.channel, category), (0, Decimal(0)))
        both = None if one is None or total is None else total + one
        lines[going.channel, category] = (n + 1, both)
    return [
        CostLine(channel=channel, category=category, messages=n, price=price)
        for (channel, category), (n, price) in sorted(lines.items())
    ]


def _categories(connection: Connection, calendar: Calendar, plan: Plan) -> list[tuple[Going, str]]:
    """Everybody with the category that their message is billed as; nothing: it cannot go."""
    billed = [going.person.participant for going in plan.going if going.channel == BILLED]
    if not billed:
        return [(going, "free") for going in plan.going]
    from bot.channels.whatsapp.costs import CLOSED, forecast
    from bot.channels.whatsapp.templates import load_templates

    approved = load_templates(calendar.folder.path)
    heard = list_heard(connection, billed, BILLED)
    bound = calendar.folder.consultation(plan.campaign.consultation)
    period = calendar.period(bound, plan.campaign.wave)
    found = []
    for going in plan.going:
        category = "free"
        if going.channel == BILLED:
            message = compose(bound, going.person, plan.campaign.purpose, period)
            person = (heard.get(going.person.participant), message)
            [category] = forecast([person], approved, going.slot.due_at)
        found.append((going, "" if category == CLOSED else category))
    return found


def say_cost(line: CostLine, currency: str) -> str:
    """A cost line in words."""
    said = f"{line.channel}: {line.messages} messages"
    if not line.category:
        return f"{said} cannot go there: no approved text in their language (whatsapp.yaml)"
    if line.channel != BILLED:
        return f"{said}, {line.category}"
    if line.price is None:
        return f"{said}, {line.category}; price unknown (costs in city.yaml)"
    return f"{said}, {line.category}, {currency} {line.price:f}"
