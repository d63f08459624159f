"""The time zones of a country, from the tz database's own table (package tzdata)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@cache
def zone_names() -> dict[str, tuple[str, ...]]:
    """ISO country code to the names of its zones, in the table's order."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found


@cache
def zones_of(country: str, otherwise: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The zones of an ISO country code; `otherwise` when it is unknown or empty."""
    return tuple(ZoneInfo(name) for name in zone_names().get(country, ())) or (otherwise,)
