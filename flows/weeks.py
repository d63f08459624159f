"""Weeks of the city: ISO weeks, Monday 00:00 to Sunday 24:00 in its time zone (RC8)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000_000
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def moment(at: int, zone: ZoneInfo) -> datetime:
    """UTC microseconds as a time of the city."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone)


def microseconds(when: datetime) -> int:
    """An aware time as UTC microseconds."""
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def week_of(at: int, zone: ZoneInfo) -> str:
    """The ISO week of a moment, e.g. 2026-W43."""
    year, week, _ = moment(at, zone).isocalendar()
    return f"{year}-W{week:02d}"


def is_week(text: str) -> bool:
    """Whether the text names a week that exists."""
    match = _WEEK.fullmatch(text)
    if match is None:
        return False
    try:
        date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        return False
    return True


def week_bounds(week: str, zone: ZoneInfo) -> tuple[int, int]:
    """Monday 00:00 and the next Monday 00:00, as UTC microseconds. Clock changes included."""
    match = _WEEK.fullmatch(week)
    if match is None:
        raise ValueError(week)
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return midnight(monday, zone), midnight(monday + timedelta(days=7), zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """The beginning of a day of the city, as UTC microseconds."""
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=zone))


def days_of(week: str) -> tuple[date, date]:
    """The Monday and the Sunday of a week."""
    match = _WEEK.fullmatch(week)
    if match is None:
        raise ValueError(week)
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return monday, monday + timedelta(days=6)
