"""`tertulia reply THEME`: the city's reasoned answer to a theme, told to those who raised it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance

if TYPE_CHECKING:
    from bot.app import Application


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("reply", help=says, description=__doc__)
    parser.add_argument("theme", metavar="THEME", help="a theme's code or name, as in plan.yaml")
    parser.add_argument("--state", required=True, metavar="STATE",
                        help="accepted, in_part, not_accepted or in_study, or «se acoge», "
                        "«se acoge en parte», «no se acoge», «en estudio»")  # fmt: skip
    parser.add_argument("--reason", required=True, metavar="TEXT", help="never empty")
    parser.add_argument("--unit", required=True, metavar="U", help="who answers for it")
    parser.add_argument("--date", required=True, metavar="D", help="by when, e.g. 2027-03-31")
    parser.add_argument("--consultation", metavar="ID", default=None)
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check here, then write or have it written."""
    from bot.clock import SystemClock
    from bot.handover import do_or_hand_over
    from bot.instance import load_folder
    from bot.replying import check_reply, state_named, theme_named
    from flows.readings import GivenReply

    bound = load_folder(args.instance).consultation(args.consultation)
    given = {
        "consultation": args.consultation,
        "theme": theme_named(bound, args.theme),
        "state": state_named(bound, args.state),
        "reason": args.reason,
        "unit": args.unit,
        "due": args.date,
    }
    fields = {k: v for k, v in given.items() if k != "consultation"}
    check_reply(bound, GivenReply(**fields, replied_at=SystemClock().now(), revision=0))
    print(do_or_hand_over(args.instance, "reply", work, given))
    return 0


async def work(app: Application, given: dict[str, Any]) -> str:
    """Record the reply; says how many people it goes to."""
    from bot.replying import reply_to_theme
    from flows.readings import GivenReply

    fields = {k: v for k, v in given.items() if k != "consultation"}
    reply = GivenReply(**fields, replied_at=app.clock.now(), revision=0)
    told = await reply_to_theme(
        app, consultation=given["consultation"], reply=reply, actor="command line"
    )
    again = "It replaces the reply given before. " if told.revision else ""
    return f"{given['theme']}: {given['state']}. {again}The answer goes to {told.people} people."
