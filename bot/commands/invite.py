"""`tertulia invite --wave N`: ask those again who agreed to it.

tertulia invite --wave 2 --dry-run           who by counts, when on their clocks, how, at what cost
tertulia invite --wave 2 --name "Ana"        put the invitations in the outbox; `serve` sends them

Each person is invited to a wave once, whoever starts this and however often. Interrupt it with
Ctrl-C and start it again: it goes on where it was. `tertulia wave status` shows what has gone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.app import Application
    from bot.campaigns import Calendar, Plan
    from flows.campaigns import Campaign

AT_ONCE = 200
"""People in one write, which is the most that an interruption undoes."""


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser(
        "invite",
        help=says,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--wave", type=int, required=True, metavar="N")
    parser.add_argument("--consultation", metavar="ID", help="default: the city's consultation")
    parser.add_argument("--dry-run", action="store_true", help="show, and send nothing")
    parser.add_argument("--name", metavar="WHO", help="who decides this; for the audit log")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the plan; without --dry-run put it in the outbox, some people at a time."""
    from bot.handover import do_or_hand_over

    if args.dry_run:
        print("\n".join(_dry_run(args)))
        return 0
    if not (args.name or "").strip():
        raise UsageError("Say who decides this with --name; see first with --dry-run.")
    given: dict[str, Any] = {
        "consultation": args.consultation,
        "wave": args.wave,
        "name": args.name.strip(),
        "after": None,
    }
    put = 0
    try:
        while True:
            said = json.loads(do_or_hand_over(args.instance, "invite", work, given))
            put += said["put"]
            given["after"] = said["after"]
            print(
                f"\r{said['seen']} of {said['people']} people, {put} invited", end="", flush=True
            )
            if said["after"] is None:
                break
    except KeyboardInterrupt:
        print(f"\nInterrupted: {put} are invited. Run it again to go on; nobody gets it twice.")
        return 130
    print("\n" + "\n".join(said["costs"]))
    return 0


async def work(app: Application, given: dict[str, Any]) -> str:
    """Invite the next people after an id; says how far it is, as JSON."""
    from bot.campaigns import Calendar, plan_invitations, put_invitations
    from storage.standings import list_permitted

    calendar, now = Calendar.of(app), app.clock.now()
    campaign = _campaign(calendar, given["consultation"], given["wave"], now)
    people = await app.database.read(lambda c: list_permitted(c, "invitations"))
    after = given["after"]
    left = [one for one in people if after is None or one > after]
    some = left[:AT_ONCE]

    def write(connection: Connection) -> int:
        plan = plan_invitations(connection, calendar, campaign, some, now)
        return put_invitations(connection, calendar, plan)

    put = await app.committer.write(write)
    is_last = len(left) <= AT_ONCE
    costs = await _account(app, calendar, campaign, given["name"]) if is_last else []
    return json.dumps(
        {
            "put": put,
            "seen": len(people) - len(left) + len(some),
            "people": len(people),
            "after": None if is_last else some[-1],
            "costs": costs,
        }
    )


def _campaign(calendar: Calendar, consultation: str | None, number: int, now: int) -> Campaign:
    """The campaign. Raises UsageError when the wave has closed."""
    from flows.campaigns import Campaign, Purpose

    bound = calendar.folder.consultation(consultation)
    period = calendar.period(bound, number)
    if period.closes_at <= now:
        raise UsageError(f"Wave {number} has closed; nobody can answer any more.")
    return Campaign(purpose=Purpose.INVITATION, consultation=str(bound.definition.id), wave=number)


def _dry_run(args: argparse.Namespace) -> list[str]:
    from bot.campaigns import Calendar, plan_invitations
    from bot.clock import SystemClock
    from bot.instance import load_folder
    from storage.database import Database
    from storage.standings import list_permitted

    folder, now = load_folder(args.instance), SystemClock().now()
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        calendar = Calendar.read(connection, folder)
        campaign = _campaign(calendar, args.consultation, args.wave, now)
        people = list_permitted(connection, "invitations")
        plan = plan_invitations(connection, calendar, campaign, people, now)
        lines = describe(connection, calendar, plan)
    database.close_sync()
    return lines


def describe(connection: Connection, calendar: Calendar, plan: Plan) -> list[str]:
    """A plan in lines: how many go and why others do not, how, where and when, at what cost."""
    from bot.campaigns import Plan
    from bot.costs import costs_of, say_cost
    from flows.campaigns import Purpose

    total = len(plan.going) + plan.left_out.total()
    lines = [f"{total} people agreed to be asked again; {len(plan.going)} would be invited."]
    lines += [f"  not: {n} {why}" for why, n in sorted(plan.left_out.items())]
    if not plan.going:
        return lines
    languages = Counter(going.person.language for going in plan.going)
    lines.append("Language: " + ", ".join(f"{code} {n}" for code, n in sorted(languages.items())))
    lines.append("When, on their own clocks:")
    lines += _when(calendar, plan)
    city = calendar.folder.instance.city
    lines.append("Cost:")
    lines += [
        f"  {say_cost(line, city.prices.currency)}"
        for line in costs_of(connection, calendar, plan)
    ]
    if city.reminder_days:
        most = len(city.reminder_days)
        lines.append(f"Reminders to who does not finish add at most, {most} each:")
        reminders = Plan(plan.campaign.other(Purpose.REMINDER_1), plan.going * most)
        costs = costs_of(connection, calendar, reminders)
        lines += [f"  {say_cost(line, city.prices.currency)}" for line in costs]
    return lines


def _when(calendar: Calendar, plan: Plan) -> list[str]:
    """Per country the first and the last moment, on the clock of its first zone."""
    from flows.campaigns import zones_for
    from flows.weeks import moment

    bound = calendar.folder.consultation(plan.campaign.consultation)
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    zones = {}
    for going in plan.going:
        zone = zones_for(bound, going.person)[0]
        zones[zone.key] = zone
        places[going.country or "-", zone.key].append(going.slot.due_at)
    lines = []
    for (country, key), due in sorted(places.items()):
        first, last = (f"{moment(at, zones[key]):%Y-%m-%d %H:%M}" for at in (min(due), max(due)))
        lines.append(f"  {country} ({key}): {len(due)} from {first} to {last}")
    return lines


async def _account(
    app: Application, calendar: Calendar, campaign: Campaign, name: str
) -> list[str]:
    """What the whole campaign costs, by what is in the outbox; it stands in the audit log."""
    from bot.campaigns import plan_put
    from bot.costs import costs_of, say_cost
    from storage.officials import audit

    lines = await app.database.read(
        lambda c: costs_of(c, calendar, plan_put(c, calendar, campaign))
    )
    currency = calendar.folder.instance.city.prices.currency
    said = [say_cost(line, currency) for line in lines]
    what = {"consultation": campaign.consultation, "costs": "; ".join(said)}
    now = app.clock.now()
    await app.committer.write(lambda c: audit(c, now, name, "invited", wave=campaign.wave, **what))
    return said
