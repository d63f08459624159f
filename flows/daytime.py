"""When an unasked message may go: by day where the person is, and not in a period of silence.

Replies to a person are not held back: they asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flows.weeks import microseconds, moment

OPENS, CLOSES = time(9), time(20)
QUARTER = 15 * 60 * 1_000_000
LONGEST = 366 * 96
"""Quarters of an hour that are looked ahead: a period of silence may last months."""


def next_daytime(
    at: int,
    zones: Iterable[ZoneInfo],
    silence: Iterable[tuple[date, date]] = (),
    city: ZoneInfo | None = None,
) -> int:
    """The first moment from `at` on when it is day in every one of the zones.

    A country may have several zones; if it is never day in all of them, the first one decides.
    `silence` are periods of the city (both days included), by the city's calendar.
    """
    everywhere = tuple(zones)
    periods = tuple(silence)
    for wanted in (everywhere, everywhere[:1]):
        if not _ever(at, wanted):
            continue
        tried = at
        for _ in range(LONGEST):
            if _is_day(tried, wanted) and not _is_silent(tried, periods, city or wanted[0]):
                return tried
            tried += QUARTER - tried % QUARTER
    return at


def _ever(at: int, zones: tuple[ZoneInfo, ...]) -> bool:
    return any(_is_day(at + n * QUARTER, zones) for n in range(96))


def _is_day(at: int, zones: tuple[ZoneInfo, ...]) -> bool:
    return all(OPENS <= moment(at, zone).time() < CLOSES for zone in zones)


def _is_silent(at: int, periods: tuple[tuple[date, date], ...], city: ZoneInfo) -> bool:
    today = moment(at, city).date()
    return any(first <= today <= last for first, last in periods)


def monday_at(week_start: int, hour: int, zone: ZoneInfo) -> int:
    """A full hour of the Monday on which a week starts, as UTC microseconds.

    On a day whose clock jumps over that hour, the first moment after the jump.
    """
    day = moment(week_start, zone).date()
    local = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    return microseconds(local.astimezone(UTC))
