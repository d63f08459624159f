"""When an unasked message may go: by day where the person is, on no quiet day, in no silence.

Replies to a person are not held back: they asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flows.weeks import microseconds, midnight, moment

OPENS, CLOSES = time(9), time(20)
"""An hour inside what is forbidden (21:00 to 08:00): what goes out last may arrive late."""
QUARTER = 15 * 60 * 1_000_000
DAY = timedelta(days=1)
MOST_LEAPS = 5_000
"""A leap is at most a day; more than years of quiet days is a mistake, and the search ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """When nobody is written to unasked, beside the night.

    `silence` are periods of the city, both days included, by its calendar (before elections).
    `weekdays` (0 is Monday), `dates` (`2027-01-01`, or `01-01` of every year) are quiet days by
    the calendar of where the person is.
    """

    city: ZoneInfo
    silence: tuple[tuple[date, date], ...] = ()
    weekdays: frozenset[int] = frozenset()
    dates: frozenset[str] = frozenset()

    def silent_until(self, at: int) -> int:
        """The end of the silence that a moment is in; 0 outside of any."""
        today = moment(at, self.city).date()
        ends = [last for first, last in self.silence if first <= today <= last]
        return midnight(max(ends) + DAY, self.city) if ends else 0

    def silent_from(self, at: int) -> int | None:
        """When the next silence after a moment begins, or None."""
        begins = [midnight(first, self.city) for first, _ in self.silence]
        return min((begin for begin in begins if begin > at), default=None)

    def is_quiet(self, day: date) -> bool:
        """Whether a day, where somebody is, is a quiet one."""
        named = {day.isoformat(), day.isoformat()[5:]}
        return day.weekday() in self.weekdays or not named.isdisjoint(self.dates)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a message may go: from `due_at` until just before `not_after`, in UTC µs."""

    due_at: int
    not_after: int


def next_daytime(at: int, zones: Iterable[ZoneInfo], calm: Calm | None = None) -> int:
    """The first moment from `at` on when it is day in every one of the zones."""
    return next_slot(at, tuple(zones), calm).due_at


@lru_cache(maxsize=4096)
def next_slot(at: int, zones: tuple[ZoneInfo, ...], calm: Calm | None = None) -> Slot:
    """The next time, from `at` on, in which an unasked message may go to somebody.

    A country may have several zones; if it is never day in all of them, the first one decides.
    """
    wanted = zones if _ever(at, zones) else zones[:1]
    for _ in range(MOST_LEAPS):
        leap = _leap(at, wanted, calm)
        if leap <= at:
            break
        at = leap
    ends = [_on_that_day(at, zone, CLOSES) for zone in wanted]
    silence = calm.silent_from(at) if calm is not None else None
    return Slot(at, min([*ends, silence] if silence is not None else ends))


def _leap(at: int, zones: tuple[ZoneInfo, ...], calm: Calm | None) -> int:
    """A later moment before which nothing may go; `at` itself when it may go now."""
    if calm is not None and (end := calm.silent_until(at)):
        return end
    for zone in zones:
        local = moment(at, zone)
        if local.time() >= CLOSES or (calm is not None and calm.is_quiet(local.date())):
            return _on_that_day(at, zone, OPENS, days=1)
        if local.time() < OPENS:
            return _on_that_day(at, zone, OPENS)
    return at


def _on_that_day(at: int, zone: ZoneInfo, clock: time, days: int = 0) -> int:
    """A clock time of the local day of a moment, or some days later; clock changes included."""
    day = moment(at, zone).date() + timedelta(days=days)
    return microseconds(datetime.combine(day, clock, tzinfo=zone).astimezone(UTC))


def _ever(at: int, zones: tuple[ZoneInfo, ...]) -> bool:
    return any(_is_day(at + n * QUARTER, zones) for n in range(96))


def _is_day(at: int, zones: tuple[ZoneInfo, ...]) -> bool:
    return all(OPENS <= moment(at, zone).time() < CLOSES for zone in zones)


def monday_at(week_start: int, hour: int, zone: ZoneInfo) -> int:
    """A full hour of the Monday on which a week starts, as UTC microseconds.

    On a day whose clock jumps over that hour, the first moment after the jump.
    """
    day = moment(week_start, zone).date()
    local = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    return microseconds(local.astimezone(UTC))
