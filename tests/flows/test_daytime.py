"""Daytime, weeks and the Monday push across the clock changes of 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.time_zones import zones_of
from flows.daytime import CLOSES, OPENS, Calm, monday_at, next_daytime, next_slot
from flows.weeks import microseconds, moment, week_bounds, week_of

CITIES = (
    "America/Bogota",
    "Europe/Madrid",
    "America/New_York",
    "America/Sao_Paulo",
    "Pacific/Auckland",
)
HOUR = 3_600_000_000
BOGOTA = ZoneInfo("America/Bogota")


def changes(name: str) -> list[datetime]:
    """The hours of 2026 at which the offset of a zone changes."""
    zone = ZoneInfo(name)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    hours = (begin + timedelta(hours=n) for n in range(365 * 24))
    return [
        at
        for at in hours
        if at.astimezone(zone).utcoffset()
        != (at - timedelta(hours=1)).astimezone(zone).utcoffset()
    ]


def test_the_zones_that_change_are_the_ones_we_think() -> None:
    assert {name: len(changes(name)) for name in CITIES} == {
        "America/Bogota": 0,
        "Europe/Madrid": 2,
        "America/New_York": 2,
        "America/Sao_Paulo": 0,
        "Pacific/Auckland": 2,
    }


@pytest.mark.parametrize("name", CITIES)
def test_every_week_of_the_year_begins_where_the_last_one_ended(name: str) -> None:
    zone = ZoneInfo(name)
    at = microseconds(datetime(2026, 1, 5, 12, tzinfo=zone))
    lengths = []
    for _ in range(52):
        begin, end = week_bounds(week_of(at, zone), zone)
        assert moment(begin, zone).strftime("%a %H:%M") == "Mon 00:00"
        assert week_of(end - 1, zone) == week_of(begin, zone) != week_of(end, zone)
        lengths.append((end - begin) // HOUR)
        at = end + HOUR
    expected = {167: 1, 168: 50, 169: 1} if changes(name) else {168: 52}
    assert {length: lengths.count(length) for length in set(lengths)} == expected


@pytest.mark.parametrize("name", CITIES)
def test_the_push_is_at_eight_on_every_monday(name: str) -> None:
    zone = ZoneInfo(name)
    for week in range(1, 53):
        begin, _ = week_bounds(f"2026-W{week:02d}", zone)
        assert moment(monday_at(begin, 8, zone), zone).strftime("%a %H:%M") == "Mon 08:00"


@pytest.mark.parametrize("name", CITIES)
def test_nobody_is_written_to_at_night(name: str) -> None:
    zone = ZoneInfo(name)
    around = changes(name) or [datetime(2026, 3, 29, tzinfo=UTC)]
    for change in around:
        for minutes in range(-36 * 60, 36 * 60, 20):
            at = microseconds(change + timedelta(minutes=minutes))
            goes = next_daytime(at, (zone,))
            assert OPENS <= moment(goes, zone).time() < CLOSES
            assert at <= goes <= at + 14 * HOUR
            if OPENS <= moment(at, zone).time() < CLOSES:
                assert goes == at


def test_a_nurse_in_lyon_is_written_to_in_her_morning() -> None:
    evening = microseconds(datetime(2026, 3, 28, 19, 0, tzinfo=BOGOTA))  # 01:00 in France
    goes = next_daytime(evening, zones_of("FR", BOGOTA))
    assert moment(goes, ZoneInfo("Europe/Paris")).isoformat() == "2026-03-29T09:00:00+02:00"


def test_a_country_of_many_zones_is_written_to_when_it_is_day_in_all() -> None:
    morning = microseconds(datetime(2026, 11, 24, 9, 0, tzinfo=BOGOTA))
    goes = next_daytime(morning, zones_of("US", BOGOTA))
    assert moment(goes, ZoneInfo("Pacific/Honolulu")).hour == 9
    assert moment(goes, ZoneInfo("America/New_York")).hour == 14


def test_a_period_of_silence_is_waited_out() -> None:
    at = microseconds(datetime(2027, 5, 10, 10, 0, tzinfo=BOGOTA))
    period = ((date(2027, 5, 1), date(2027, 5, 30)),)
    goes = next_daytime(at, (BOGOTA,), Calm(city=BOGOTA, silence=period))
    assert moment(goes, BOGOTA).isoformat() == "2027-05-31T09:00:00-05:00"


def test_an_unknown_country_has_the_city_s_zone() -> None:
    assert zones_of("", BOGOTA) == zones_of("ZZ", BOGOTA) == (BOGOTA,)


@pytest.mark.parametrize("name", CITIES)
def test_a_slot_is_by_day_and_on_no_quiet_or_silent_day_all_year(name: str) -> None:
    zone = ZoneInfo(name)
    period = (date(2026, 3, 20), date(2026, 4, 2))
    calm = Calm(
        city=BOGOTA,
        silence=(period,),
        weekdays=frozenset({6}),
        dates=frozenset({"12-25", "2026-10-26"}),
    )
    at, slots = microseconds(datetime(2026, 1, 1, tzinfo=UTC)), set()
    for _ in range(365 * 2):
        at += 12 * HOUR + 7_000_000
        slot = next_slot(at, (zone,), calm)
        begin, end = moment(slot.due_at, zone), moment(slot.not_after - 1, zone)
        assert begin.date() == end.date()
        assert OPENS <= begin.time() < end.time() < CLOSES
        assert not calm.is_quiet(begin.date())
        assert not calm.silent_until(slot.due_at)
        assert not calm.silent_until(slot.not_after - 1)
        slots.add(begin.date())
    assert len(slots) > 200


def test_a_slot_ends_where_a_silence_of_the_city_begins() -> None:
    calm = Calm(city=BOGOTA, silence=((date(2027, 5, 1), date(2027, 5, 30)),))
    paris = ZoneInfo("Europe/Paris")
    friday = microseconds(datetime(2027, 5, 1, 6, 30, tzinfo=paris))  # Bogotá: 30 April, 23:30
    assert moment(next_slot(friday, (paris,), calm).due_at, paris).date() == date(2027, 5, 31)
    auckland = ZoneInfo("Pacific/Auckland")
    at = microseconds(datetime(2027, 5, 1, 10, 0, tzinfo=auckland))
    slot = next_slot(at, (auckland,), calm)  # the city's midnight is 17:00 there
    assert (slot.due_at, moment(slot.not_after, auckland).hour) == (at, 17)
