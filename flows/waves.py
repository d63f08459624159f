"""Waves on the clock: when each opens and closes, and what a person is told of it.

The definition plans a wave in days of the city; officials may decide otherwise, and what has
opened or closed stays so whatever the definition says later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flows.binding import BoundConsultation, in_words
from flows.city import Instance
from flows.consultation import Consultation, Wave
from flows.languages import in_language
from flows.weeks import midnight, moment

MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A wave on the clock: open from `opens_at` until just before `closes_at`, in UTC µs."""

    number: int
    opens_at: int
    closes_at: int

    def is_open(self, at: int) -> bool:
        """Whether answers of this moment count."""
        return self.opens_at <= at < self.closes_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the records say of a wave: `state` is planned, open or closed; None: as planned."""

    number: int
    state: str = "planned"
    opens_at: int | None = None
    closes_at: int | None = None


def periods_of(
    definition: Consultation, zone: ZoneInfo, decided: Mapping[int, Decided] | None = None
) -> tuple[Period, ...]:
    """The waves of a consultation as they stand, by number."""
    return tuple(
        _period(wave, zone, (decided or {}).get(wave.number, Decided(number=wave.number)))
        for wave in sorted(definition.waves, key=lambda wave: wave.number)
    )


def _period(wave: Wave, zone: ZoneInfo, decided: Decided) -> Period:
    """The closing day belongs to the wave: it ends at the midnight after it."""
    opens, closes = decided.opens_at, decided.closes_at
    return Period(
        number=wave.number,
        opens_at=midnight(wave.opens, zone) if opens is None else opens,
        closes_at=midnight(wave.closes + timedelta(days=1), zone) if closes is None else closes,
    )


def open_wave(periods: Iterable[Period], at: int) -> Period | None:
    """The wave that is open at a moment; of two the later one."""
    return max((p for p in periods if p.is_open(at)), key=lambda p: p.number, default=None)


def last_closed(periods: Iterable[Period], at: int) -> Period | None:
    """The wave that closed last before a moment, or None."""
    closed = [p for p in periods if p.closes_at <= at]
    return max(closed, key=lambda p: (p.closes_at, p.number), default=None)


def next_to_open(periods: Iterable[Period], at: int) -> Period | None:
    """The wave that opens next after a moment, or None."""
    return min((p for p in periods if p.opens_at > at), key=lambda p: p.opens_at, default=None)


def promised_days(definition: Consultation, number: int | None) -> tuple[date, date]:
    """(results, replies) as promised to who answers in a wave: its own days, or the launch's."""
    launch = definition.launch
    wave = next((w for w in definition.waves if w.number == number), None)
    own = (wave.results_on, wave.reply_on) if wave else (None, None)
    return own[0] or launch.results_on, own[1] or launch.reply_on


def zones_of(instance: Instance, countries: Iterable[str]) -> tuple[ZoneInfo, ...]:
    """The zones of the first country that is known; at home and unknown: the city's zone."""
    for country in countries:
        if country == instance.city.country:
            break
        names = instance.zones.get(country)
        if names:
            return tuple(ZoneInfo(name) for name in names)
    return (instance.city.time_zone,)


def first_known(instance: Instance, countries: Iterable[str]) -> str:
    """The first of the countries whose zones are known, or nothing."""
    return next((c for c in countries if c in instance.zones), "")


def last_minute(bound: BoundConsultation, at: int, country: str, language: str) -> str:
    """The last minute before a moment, on the clock of a person in a country.

    A whole day of the city is told as a day to whoever has the same clock. Where a country's
    zones disagree, the city's clock is told, and named.
    """
    instance, last = bound.instance, at - MINUTE
    here = moment(last, instance.city.time_zone)
    clocks = {moment(last, z).replace(tzinfo=None) for z in zones_of(instance, (country,))}
    there = clocks.pop() if len(clocks) == 1 else None
    if there == here.replace(tzinfo=None):
        day = in_words(here.date(), language)
        if (here.hour, here.minute) == (23, 59):
            return day
        return bound.word("CIERRE_HORA", language, {"dia": day, "hora": f"{here:%H:%M}"})
    place = instance.countries.get(country, {}).get(language, country)
    values = {
        "dia": in_words((there or here).date(), language),
        "hora": f"{there or here:%H:%M}",
        "lugar": place if there else in_language(instance.city.name, language),
    }
    return bound.word("CIERRE_LUGAR", language, values)
