"""`tertulia wave`: open, close and follow the waves of a consultation.

tertulia wave status                                      every wave: when, who, what was sent
tertulia wave open 2 --closes 2027-03-21 --name "Ana" --reason "…"    now, and not as planned
tertulia wave close 1 --name "Ana" --reason "…"           now; answers after it are told CERRADA

Waves open and close by themselves on the days that the definition says, in the city's time.
These commands decide otherwise; who, when and why stands in the audit log.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.app import Application
    from bot.campaigns import Calendar
    from flows.campaigns import Campaign
    from flows.waves import Period

NAME_CHARS = 60
REASON_CHARS = 500


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser(
        "wave",
        help=says,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("open", "close", "status"))
    parser.add_argument("number", type=int, nargs="?", metavar="N", help="the wave's number")
    parser.add_argument("--closes", metavar="DAY", help="its last day, e.g. 2027-03-21")
    parser.add_argument("--consultation", metavar="ID", help="default: the city's consultation")
    add_who(parser)
    add_instance(parser)
    parser.set_defaults(run=run)


def add_who(parser: argparse.ArgumentParser) -> None:
    """--name and --reason: they stand in the audit log."""
    parser.add_argument("--name", metavar="WHO", help="who decides this; for the audit log")
    parser.add_argument("--reason", metavar="TEXT", help="why; for the audit log")


def who_from(args: argparse.Namespace) -> dict[str, str]:
    """Both, checked. Raises UsageError."""
    name, reason = (args.name or "").strip(), (args.reason or "").strip()
    if not name or len(name) > NAME_CHARS:
        raise UsageError(f"Say who decides this with --name, at most {NAME_CHARS} characters.")
    if not reason or len(reason) > REASON_CHARS:
        raise UsageError(f"Say why with --reason, at most {REASON_CHARS} characters.")
    return {"name": name, "reason": reason}


def run(args: argparse.Namespace) -> int:
    """Show, or do it here or in the process that holds the folder."""
    if args.what == "status":
        return _status(args)
    if args.number is None:
        raise UsageError(f"Say which wave: tertulia wave {args.what} 1.")
    if args.closes is not None:
        _day(args.closes)
    from bot.handover import do_or_hand_over

    given = {
        "what": args.what,
        "number": args.number,
        "closes": args.closes,
        "consultation": args.consultation,
        **who_from(args),
    }
    print(do_or_hand_over(args.instance, "wave", work, given))
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(f"«{text}» is no day; write it like 2027-03-21.") from problem


async def work(app: Application, given: dict[str, Any]) -> str:
    """Open or close a wave, at once for whoever is answering."""
    from bot.campaigns import Calendar
    from storage.waves import Act, list_decided

    bound = app.folder.consultation(given["consultation"])
    name, now = str(bound.definition.id), app.clock.now()
    period = Calendar.of(app).period(bound, given["number"])
    act = Act(at=now, actor=given["name"], reason=given["reason"])
    change = _open if given["what"] == "open" else _close

    def write(connection: Connection) -> Period:
        changed = change(connection, app, name, period, (act, given["closes"]))
        app.conversation.set_waves(list_decided(connection))
        return changed

    changed = await app.committer.write(write)
    told = _told(app.folder.instance.city.time_zone, changed.closes_at)
    if given["what"] == "open":
        return f"{name}: wave {changed.number} is open. Its last minute is {told}."
    return f"{name}: wave {changed.number} is closed. Its last minute was {told}."


def _open(
    connection: Connection, app: Application, name: str, period: Period, how: tuple[Any, Any]
) -> Period:
    from flows.waves import Decided, open_wave
    from flows.weeks import midnight
    from storage.waves import decide

    act, closes = how
    other = open_wave(app.conversation.periods[name], act.at)
    if other is not None and other.number != period.number:
        raise UsageError(f"Wave {other.number} is open; close it first.")
    closes_at = period.closes_at
    if closes is not None:
        day = _day(closes) + timedelta(days=1)
        closes_at = midnight(day, app.folder.instance.city.time_zone)
    if closes is None and period.is_open(act.at):
        raise UsageError(f"Wave {period.number} is open; say its new last day with --closes DAY.")
    if closes_at <= act.at:
        raise UsageError(f"Wave {period.number} has closed; say until when with --closes DAY.")
    opened = replace(period, opens_at=min(period.opens_at, act.at), closes_at=closes_at)
    decided = Decided(
        number=period.number,
        state="open",
        opens_at=opened.opens_at,
        closes_at=closes_at,
    )
    decide(connection, name, decided, act)
    return opened


def _close(
    connection: Connection, _app: Application, name: str, period: Period, how: tuple[Any, Any]
) -> Period:
    from flows.campaigns import Campaign, Purpose
    from flows.waves import Decided
    from storage.campaigns import withdraw_closed
    from storage.waves import decide

    act, _ = how
    if not period.is_open(act.at):
        raise UsageError(f"Wave {period.number} is not open.")
    closed = replace(period, closes_at=act.at)
    decided = Decided(
        number=period.number,
        state="closed",
        opens_at=closed.opens_at,
        closes_at=closed.closes_at,
    )
    decide(connection, name, decided, act)
    campaign = Campaign(purpose=Purpose.INVITATION, consultation=name, wave=period.number)
    withdraw_closed(connection, campaign)
    return closed


def _told(zone: Any, closes_at: int) -> str:
    from flows.waves import MINUTE
    from flows.weeks import moment

    return moment(closes_at - MINUTE, zone).strftime("%Y-%m-%d %H:%M")


def _status(args: argparse.Namespace) -> int:
    from bot.campaigns import Calendar
    from bot.clock import SystemClock
    from bot.instance import load_folder
    from storage.database import Database

    folder = load_folder(args.instance)
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        calendar = Calendar.read(connection, folder)
        lines = status(connection, calendar, args.consultation, SystemClock().now())
    database.close_sync()
    print("\n".join(lines))
    return 0


def status(
    connection: Connection, calendar: Calendar, consultation: str | None, now: int
) -> list[str]:
    """Every wave in some lines: when, how many answer, how its campaigns stand; who is blocked."""
    from flows.campaigns import Campaign, Purpose
    from storage.campaigns import account_of, count_blocked, count_responses
    from storage.standings import UNREACHED

    bound = calendar.folder.consultation(consultation)
    name, zone = str(bound.definition.id), calendar.folder.instance.city.time_zone
    lines = []
    for period in calendar.periods[name]:
        opens = _told(zone, period.opens_at + 60_000_000)
        lines.append(
            f"{name} wave {period.number}: {_state(period, now)}, "
            f"{opens} to {_told(zone, period.closes_at)} ({zone.key})"
        )
        counts = count_responses(connection, name, period.number)
        lines.append("  responses: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
        for purpose in Purpose:
            campaign = Campaign(purpose=purpose, consultation=name, wave=period.number)
            account = account_of(connection, campaign.key)
            failed = "".join(f", {n} {problem}" for problem, n in account.failed.items())
            went = f"{account.sent} sent, {account.due} due{failed}"
            lines.append(f"  {purpose}: {account.put} people; {went}")
            lines += _costs(connection, calendar, campaign)
    blocked = count_blocked(connection, UNREACHED)
    said = ", ".join(f"{channel} {n}" for channel, n in blocked.items()) or "none"
    return [*lines, f"contact points that are blocked or gone: {said}"]


def _costs(connection: Connection, calendar: Calendar, campaign: Campaign) -> list[str]:
    """A campaign's cost lines, where a platform asks for money."""
    from bot.campaigns import plan_put
    from bot.costs import BILLED, costs_of, say_cost

    currency = calendar.folder.instance.city.prices.currency
    costs = costs_of(connection, calendar, plan_put(connection, calendar, campaign))
    return [f"    {say_cost(line, currency)}" for line in costs if line.channel == BILLED]


def _state(period: Period, now: int) -> str:
    if period.is_open(now):
        return "open"
    return "closed" if period.closes_at <= now else "planned"
