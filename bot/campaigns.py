"""Campaigns with their surroundings: who gets what, when and at what price; and putting it out.

Deciding reads, putting writes; what was decided is decided again where it is written, so that a
BASTA that came in between holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from bot.app import Application
from bot.errors import UsageError
from bot.instance import Folder
from bot.summaries import Asked, summary
from flows.binding import BoundConsultation
from flows.campaigns import (
    Campaign,
    Purpose,
    Results,
    Standing,
    Why,
    compose,
    due_reminder,
    may_invite,
    may_tell_results,
    zones_for,
)
from flows.daytime import Calm, Slot, next_slot
from flows.waves import Period, first_known, periods_of
from storage.campaigns import list_put
from storage.outbox import Posting, enqueue
from storage.publications import find_publication
from storage.standings import list_standings
from storage.waves import list_decided, list_lifted

FIRST_THEMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What decides about time: the waves as they stand, and when nobody is written to."""

    folder: Folder
    periods: Mapping[str, tuple[Period, ...]]
    calm: Calm
    base_url: str = ""

    @classmethod
    def of(cls, app: Application) -> Calendar:
        """The calendar of a running application."""
        return cls(
            folder=app.folder,
            periods=app.conversation.periods,
            calm=app.folder.instance.city.calm(app.lifted),
            base_url=app.conversation.base_url,
        )

    @classmethod
    def read(cls, connection: Connection, folder: Folder) -> Calendar:
        """The calendar as a command that only reads finds it."""
        decided, city = list_decided(connection), folder.instance.city
        periods = {
            name: periods_of(bound.definition, city.time_zone, decided.get(name))
            for name, bound in folder.consultations.items()
        }
        lifted = {one.first_day for one in list_lifted(connection)}
        return cls(folder=folder, periods=periods, calm=city.calm(lifted))

    def period(self, bound: BoundConsultation, number: int) -> Period:
        """A wave on the clock. Raises UsageError when the definition has none of this number."""
        name = bound.definition.id
        found = next((p for p in self.periods[name] if p.number == number), None)
        if found is None:
            known = ", ".join(str(p.number) for p in self.periods[name]) or "none"
            raise UsageError(
                f"{name} has no wave {number}; it has {known}. "
                "Write the wave in its definition, with opens and closes."
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One person who is written to: by which channel, when, and where they are."""

    person: Standing
    channel: str
    slot: Slot
    country: str


@dataclass(slots=True)
class Plan:
    """Who a campaign goes to, and how many it does not, by the reason."""

    campaign: Campaign
    going: list[Going] = field(default_factory=list)
    left_out: Counter[Why] = field(default_factory=Counter)


def plan_invitations(
    connection: Connection,
    calendar: Calendar,
    campaign: Campaign,
    participants: Iterable[int],
    now: int,
) -> Plan:
    """Who of these is invited to the wave, from its opening on and in their own day."""
    bound = calendar.folder.consultation(campaign.consultation)
    period = calendar.period(bound, campaign.wave)
    plan = Plan(campaign)
    for person in list_standings(connection, campaign, participants):
        why = may_invite(person, campaign)
        going = _going(calendar, bound, person, max(now, period.opens_at))
        if why is Why.GOES and going.slot.due_at >= period.closes_at:
            why = Why.TOO_LATE
        if why is Why.GOES:
            plan.going.append(going)
        else:
            plan.left_out[why] += 1
    return plan


def _going(calendar: Calendar, bound: BoundConsultation, person: Standing, now: int) -> Going:
    return Going(
        person=person,
        channel=person.channels[0] if person.channels else "",
        slot=next_slot(now, zones_for(bound, person), calendar.calm),
        country=first_known(bound.instance, person.countries),
    )


def put_invitations(connection: Connection, calendar: Calendar, plan: Plan) -> int:
    """Put the invitations of a plan in the outbox; returns how many were not there yet."""
    return sum(_put(connection, calendar, plan.campaign, going) for going in plan.going)


def _put(
    connection: Connection,
    calendar: Calendar,
    campaign: Campaign,
    going: Going,
    results: Results | None = None,
) -> bool:
    bound = calendar.folder.consultation(campaign.consultation)
    period = calendar.period(bound, campaign.wave)
    slot = going.slot
    if campaign.purpose is not Purpose.RESULTS:
        slot = replace(slot, not_after=min(slot.not_after, period.closes_at))
    return enqueue(
        connection,
        Posting(
            participant=going.person.participant,
            channel=going.channel,
            message=compose(bound, going.person, campaign.purpose, period, results),
            purpose=campaign.key,
            slot=slot,
        ),
    )


def due_reminders(
    connection: Connection,
    calendar: Calendar,
    campaign: Campaign,
    participants: Iterable[int],
    now: int,
) -> list[tuple[Purpose, Going]]:
    """Who of these is reminded now: where it is day, and with which of the two reminders.

    Nothing is put out for later: whoever finishes in the night is not reminded in the morning.
    """
    bound = calendar.folder.consultation(campaign.consultation)
    days = calendar.folder.instance.city.reminder_days
    found = []
    for person in list_standings(connection, campaign, participants):
        purpose = due_reminder(person, campaign, now, days)
        if purpose is None:
            continue
        going = _going(calendar, bound, person, now)
        if going.slot.due_at == now:
            found.append((purpose, going))
    return found


def put_reminders(
    connection: Connection,
    calendar: Calendar,
    campaign: Campaign,
    participants: Iterable[int],
    now: int,
) -> int:
    """Put the reminders that are due in the outbox; returns how many."""
    due = due_reminders(connection, calendar, campaign, participants, now)
    return sum(
        _put(connection, calendar, campaign.other(purpose), going) for purpose, going in due
    )


def find_results(
    connection: Connection, calendar: Calendar, campaign: Campaign, now: int
) -> Results | None:
    """What the results message of a wave tells; None while nothing of it is published."""
    if find_publication(connection, campaign.consultation, campaign.wave) is None:
        return None
    asked = Asked(consultation=campaign.consultation, wave=campaign.wave, view="public")
    shown = summary(connection, calendar.folder, asked, now)
    ranked = shown["rankings"][0]["themes"] if shown["rankings"] else []
    return Results(
        valid=shown["participation"]["valid"],
        themes=tuple(theme["code"] for theme in ranked[:FIRST_THEMES]),
        url=f"{calendar.base_url}/resumen",
    )


def put_results(
    connection: Connection,
    calendar: Calendar,
    campaign: Campaign,
    participants: Iterable[int],
    now: int,
    results: Results,
) -> int:
    """Tell these that the results are there, if they asked for them; returns how many."""
    bound = calendar.folder.consultation(campaign.consultation)
    return sum(
        _put(connection, calendar, campaign, _going(calendar, bound, person, now), results)
        for person in list_standings(connection, campaign, participants)
        if may_tell_results(person, campaign) is Why.GOES
    )


def plan_put(connection: Connection, calendar: Calendar, campaign: Campaign) -> Plan:
    """The plan as it was put in the outbox: everybody who is or was in it for this campaign."""
    bound = calendar.folder.consultation(campaign.consultation)
    put = list_put(connection, campaign.key)
    plan = Plan(campaign)
    for person in list_standings(connection, campaign, put):
        first = person.channels[0] if person.channels else ""
        channel, slot = put.get(person.participant, (first, Slot(0, 0)))
        country = first_known(bound.instance, person.countries)
        plan.going.append(Going(person=person, channel=channel, slot=slot, country=country))
    return plan
