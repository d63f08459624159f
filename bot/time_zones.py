"""The time zones of a country, from the tz database's own table (package tzdata)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@cache
def _by_country() -> dict[str, tuple[str, ...]]:
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
    return tuple(ZoneInfo(name) for name in _by_country().get(country, ())) or (otherwise,)
