"""The clock of a running city: waves open and close, reminders and results go, none twice.

Everything that was done is in the records: a wave's state, and who was written to for which
purpose. So a tick may come as often as one likes, after a restart, or from two processes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from bot.app import Application
from bot.campaigns import Calendar, due_reminders, find_results, put_reminders, put_results
from bot.publishing import publish_if_allowed
from flows.binding import BoundConsultation
from flows.campaigns import Campaign, Purpose, Results, campaign_of, zones_for
from flows.daytime import next_slot
from flows.waves import Decided, Period, promised_days
from flows.weeks import midnight
from storage.campaigns import is_any_due, list_missed, plan_anew, withdraw_closed, withdraw_stale
from storage.once import claim, is_claimed
from storage.standings import list_permitted, list_standings, list_unfinished
from storage.waves import Act, decide, list_decided

log = logging.getLogger(__name__)

SECOND = 1_000_000
DAY = 86_400 * SECOND
TICK_S = 60.0
REMIND_S = 900.0
AT_ONCE = 200
"""People in one write: the writer has others to serve."""


class Put(Protocol):
    """Puts messages to some people in the outbox; returns how many."""

    def __call__(self, connection: Connection, /, some: list[int]) -> int:
        """In one write."""


class Schedule:
    """`tick` does whatever is due; `run` ticks until cancelled."""

    def __init__(self, app: Application, *, publish_s: float = TICK_S) -> None:
        self.app = app
        self._every = {"publish": publish_s, "remind": REMIND_S}
        self._next: dict[str, int] = {}

    async def run(self, every_s: float = TICK_S) -> None:
        """Tick until cancelled."""
        while True:
            try:
                await self.tick()
            except Exception as problem:  # noqa: BLE001 - the outermost loop: the next tick tries again
                log.warning("schedule_failed", extra={"problem": type(problem).__name__})
            await self.app.clock.sleep(every_s)

    async def tick(self) -> int:
        """Do what is due now; returns how many messages were put in the outbox."""
        now = self.app.clock.now()
        if await self.app.database.read(partial(is_wave_due, app=self.app, now=now)):
            await self.app.committer.write(partial(turn_waves, app=self.app, now=now))
        if self._comes("publish", now):
            await self.app.committer.write(
                lambda c: publish_if_allowed(c, self.app.folder, now, self.app.lifted)
            )
        if await self.app.database.read(is_any_due):
            await self.app.committer.write(partial(plan_missed, app=self.app, now=now))
        put = await self._tell_results(now)
        if self._comes("remind", now):
            put += await self._remind(now)
        return put

    def _comes(self, what: str, now: int) -> bool:
        """Whether it is time for something that need not be done at every tick."""
        if now < self._next.get(what, 0):
            return False
        self._next[what] = now + int(self._every[what] * SECOND)
        return True

    async def _remind(self, now: int) -> int:
        """Reminders of the waves that are open."""
        days, put = self.app.folder.instance.city.reminder_days, 0
        if not days or self.app.is_silent():
            return 0
        calendar, before = Calendar.of(self.app), now - min(days) * DAY
        for bound, period in _waves(calendar):
            if period.is_open(now):
                campaign = _campaign(Purpose.REMINDER_1, bound, period)
                put += await self._remind_in(calendar, campaign, before)
        return put

    async def _remind_in(self, calendar: Calendar, campaign: Campaign, before: int) -> int:
        """Who was not heard of since `before` and whose day it is; decided again in the write."""
        now = self.app.clock.now()

        def find(connection: Connection) -> list[int]:
            quiet = list_unfinished(connection, campaign, before)
            due = due_reminders(connection, calendar, campaign, quiet, now)
            return [going.person.participant for _, going in due]

        due = await self.app.database.read(find)
        return await self._put(
            campaign, due, lambda c, some: put_reminders(c, calendar, campaign, some, now)
        )

    async def _tell_results(self, now: int) -> int:
        """Results of the waves that have closed, from the promised day on, once published."""
        put = 0
        calendar = Calendar.of(self.app)
        for bound, period in _waves(calendar):
            campaign = _campaign(Purpose.RESULTS, bound, period)
            promised, _ = promised_days(bound.definition, period.number)
            begins = midnight(promised, self.app.folder.instance.city.time_zone)
            if now < max(period.closes_at, begins) or self.app.is_silent():
                continue

            put += await self._tell_results_of(calendar, campaign, now)
        return put

    async def _tell_results_of(self, calendar: Calendar, campaign: Campaign, now: int) -> int:
        """Once per wave, to everybody who asked."""

        def find(connection: Connection) -> tuple[Results, list[int]] | None:
            if is_claimed(connection, campaign.key):
                return None
            results = find_results(connection, calendar, campaign, now)
            asked = list_permitted(connection, "results", campaign.consultation)
            return None if results is None else (results, asked)

        found = await self.app.database.read(find)
        if found is None:
            return 0
        results, asked = found
        put = await self._put(
            campaign, asked, lambda c, some: put_results(c, calendar, campaign, some, now, results)
        )
        await self.app.committer.write(partial(claim, name=campaign.key, at=now))
        return put

    async def _put(self, campaign: Campaign, people: list[int], put: Put) -> int:
        """Put messages to these people in the outbox, some at a time."""
        done = 0
        for at in range(0, len(people), AT_ONCE):
            some = people[at : at + AT_ONCE]
            done += await self.app.committer.write(partial(put, some=some))
        if done:
            log.info("campaign", extra={"kind": campaign.purpose, "n": done})
        return done


def _campaign(purpose: Purpose, bound: BoundConsultation, period: Period) -> Campaign:
    return Campaign(purpose=purpose, consultation=bound.definition.id, wave=period.number)


def _waves(calendar: Calendar) -> Iterator[tuple[BoundConsultation, Period]]:
    """Every wave of every consultation."""
    for name, bound in sorted(calendar.folder.consultations.items()):
        for period in calendar.periods[name]:
            yield bound, period


def is_wave_due(connection: Connection, *, app: Application, now: int) -> bool:
    """Whether a wave has opened or closed by the clock and the records do not say so yet."""
    decided = list_decided(connection)
    for name, periods in app.conversation.periods.items():
        for period in periods:
            known = decided.get(name, {}).get(period.number)
            state = known.state if known else "planned"
            opens = state == "planned" and now >= period.opens_at
            if opens or (state != "closed" and now >= period.closes_at):
                return True
    return False


def turn_waves(connection: Connection, *, app: Application, now: int) -> int:
    """Write down which waves have opened and closed by the clock; returns how many."""
    decided, turned = list_decided(connection), 0
    for name, periods in app.conversation.periods.items():
        for period in periods:
            known = decided.get(name, {}).get(period.number, Decided(number=period.number))
            turned += _turn(connection, name, period, known, now)
    if turned:
        app.conversation.set_waves(list_decided(connection))
    return turned


def _turn(
    connection: Connection, consultation: str, period: Period, known: Decided, now: int
) -> int:
    """What has closed stays closed, and its invitations and reminders end."""
    opened = Decided(
        number=period.number,
        state="open",
        opens_at=period.opens_at,
        closes_at=known.closes_at,
    )
    closed = Decided(
        number=period.number,
        state="closed",
        opens_at=period.opens_at,
        closes_at=period.closes_at,
    )
    turned = 0
    if known.state == "planned" and now >= period.opens_at:
        decide(connection, consultation, opened, Act(at=now))
        turned += 1
    if known.state != "closed" and now >= period.closes_at:
        decide(connection, consultation, closed, Act(at=now))
        campaign = Campaign(
            purpose=Purpose.INVITATION, consultation=consultation, wave=period.number
        )
        withdraw_closed(connection, campaign)
        turned += 1
    return turned


def plan_missed(connection: Connection, *, app: Application, now: int) -> int:
    """Take back what nobody wants any more; what missed its day goes on the next one."""
    calendar, planned = Calendar.of(app), 0
    for bound, period in _waves(calendar):
        if period.is_open(now):
            withdraw_stale(connection, _campaign(Purpose.INVITATION, bound, period))
    for missed in list_missed(connection, now):
        campaign = campaign_of(missed.purpose) or Campaign(
            purpose=Purpose.RESULTS, consultation=app.folder.main.definition.id, wave=0
        )
        bound = app.folder.consultations.get(campaign.consultation, app.folder.main)
        person = list_standings(connection, campaign, [missed.participant])[0]
        plan_anew(connection, missed, next_slot(now, zones_for(bound, person), calendar.calm))
        planned += 1
    return planned
