"""`tertulia silence`: periods of silence before elections, as city.yaml says them.

tertulia silence status                                            every period, and who lifted it
tertulia silence lift 2027-05-01 --name "Ana" --reason "…"         campaigns and publications go
tertulia silence restore 2027-05-01 --name "Ana" --reason "…"      it holds again

In a silence no invitation, reminder, result or reply card goes out and nothing is published;
who writes to the city is answered. A period is named by its first day. Lifting one needs a name
and a reason, which stand in the audit log.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.commands.wave import add_who, who_from
from bot.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.app import Application


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser(
        "silence",
        help=says,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("status", "lift", "restore"))
    parser.add_argument("first_day", nargs="?", metavar="DAY", help="the period's first day")
    add_who(parser)
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show, or do it here or in the process that holds the folder."""
    from bot.handover import do_or_hand_over
    from bot.instance import load_folder

    folder = load_folder(args.instance)
    if args.what == "status":
        return _status(folder)
    known = [first.isoformat() for first, _ in folder.instance.city.silence_periods]
    if args.first_day not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(f"No silence begins on «{args.first_day}»; city.yaml has {listed}.")
    given = {"what": args.what, "first_day": args.first_day, **who_from(args)}
    print(do_or_hand_over(args.instance, "silence", work, given))
    return 0


async def work(app: Application, given: dict[str, Any]) -> str:
    """Lift or restore, in the process that holds the folder."""
    from storage.waves import Act, lift_silence, restore_silence

    act = Act(at=app.clock.now(), actor=given["name"], reason=given["reason"])
    change = lift_silence if given["what"] == "lift" else restore_silence

    def write(connection: Connection) -> bool:
        return change(connection, given["first_day"], act)

    changed = await app.committer.write(write)
    await app.refresh()
    day = given["first_day"]
    if given["what"] == "lift":
        done = "lifted; campaigns and publications go" if changed else "was lifted before"
    else:
        done = "holds again" if changed else "was not lifted"
    return f"The silence from {day}: {done}."


def _status(folder: Any) -> int:
    from storage.database import Database
    from storage.waves import list_lifted

    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        lifted = {one.first_day: one for one in list_lifted(connection)}
    database.close_sync()
    for first, last in folder.instance.city.silence_periods:
        one = lifted.get(first.isoformat())
        said = f"lifted by {one.name}: {one.reason}" if one else "holds"
        print(f"{first} to {last}\t{said}")
    return 0
