"""The part of `city.yaml` about writing to people unasked: quiet days, reminders, prices."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flows.city import Prices
from flows.yaml_source import Node, Reader

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_REMINDERS = 2
MOST_QUIET_WEEKDAYS = 5
_DATE = re.compile(r"(?:\d{4}-)?(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


def read_sending(reader: Reader, top: dict[str, Node]) -> dict[str, Any]:
    """The fields of a City that say when and at what price people are written to."""
    weekdays, dates = _quiet_days(reader, top.get("quiet_days"))
    fields: dict[str, Any] = {
        "quiet_weekdays": weekdays,
        "quiet_dates": dates,
        "prices": _prices(reader, top.get("costs")),
    }
    if "reminders" in top:
        fields["reminder_days"] = _reminders(reader, top["reminders"])
    return fields


def _quiet_days(reader: Reader, node: Node | None) -> tuple[frozenset[int], frozenset[str]]:
    weekdays, dates = set(), set()
    for item in reader.items(node, "quiet_days"):
        text = reader.string(item, "quiet_days").lower()
        if text in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(text))
        elif _DATE.fullmatch(text):
            dates.add(text)
        else:
            sentence = f"«{text}» is no quiet day. Write sunday, 12-25 or 2027-01-01."
            reader.wrong(item.line, "quiet_days", sentence)
    if node is not None and len(weekdays) > MOST_QUIET_WEEKDAYS:
        reader.wrong(node.line, "quiet_days", "Leave at least two days of the week to write on.")
    return frozenset(weekdays), frozenset(dates)


def _reminders(reader: Reader, node: Node) -> tuple[int, ...]:
    days = tuple(reader.whole(item, "reminders", 3) for item in reader.items(node, "reminders"))
    if len(days) > MOST_REMINDERS or any(n < 1 for n in days):
        sentence = "reminders are at most two numbers of days, e.g. [3, 7]; [] for none."
        reader.wrong(node.line, "reminders", sentence)
    return days[:MOST_REMINDERS]


def _prices(reader: Reader, node: Node | None) -> Prices:
    if node is None:
        return Prices()
    channels = reader.mapping(node, "costs")
    currency = reader.string(channels.get("currency"), "currency")
    rates = {
        channel: {
            category: _rates(reader, item, f"costs.{channel}.{category}")
            for category, item in reader.mapping(pairs, f"costs.{channel}").items()
        }
        for channel, pairs in channels.items()
        if channel != "currency"
    }
    if not currency:
        reader.wrong(node.line, "costs", "costs needs its currency, e.g. currency: USD.")
    return Prices(currency=currency, rates=rates)


def _rates(reader: Reader, node: Node, what: str) -> dict[str, Decimal]:
    """One price for everybody, or one per country and a default."""
    if isinstance(node.value, str):
        return {"default": _price(reader, node, what)}
    return {
        country if country == "default" else country.upper(): _price(reader, item, what)
        for country, item in reader.mapping(node, what).items()
    }


def _price(reader: Reader, node: Node, what: str) -> Decimal:
    text = reader.string(node, what, "0")
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        reader.wrong(node.line, "costs", f"{what} must be a price such as 0.0125.")
        return Decimal(0)
    return price
