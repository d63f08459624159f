"""`tertulia officials`: who may use the officials' desk on Telegram.

tertulia officials invite --name "Ana" --role analyst   a link for one person, ten minutes
tertulia officials list                                 who may use it now
tertulia officials revoke --name "Ana"                  at once
tertulia officials audit                                who did what, and when
"""

from __future__ import annotations

import argparse
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.credentials import load_credentials
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.app import Application

ROLES = ("viewer", "analyst", "moderator")
NAME_CHARS = 60


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser(
        "officials",
        help=says,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("invite", "list", "revoke", "audit"))
    parser.add_argument("--name", help="how the team calls the person; stands in the audit log")
    parser.add_argument("--role", choices=ROLES,
                        help="viewer: the public summary; analyst: also what is protected inside; "
                        "moderator: also replies to themes")  # fmt: skip
    parser.add_argument("--bot", metavar="NAME", help="the desk's @name; default: ask Telegram")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    if args.what in ("list", "audit"):
        return _show(args)
    if not (args.name or "").strip() or len(args.name) > NAME_CHARS:
        raise UsageError(f"Say who with --name, at most {NAME_CHARS} characters.")
    from bot.handover import do_or_hand_over

    given: dict[str, Any] = {"what": args.what, "name": args.name.strip()}
    if args.what == "invite":
        if args.role is None:
            raise UsageError(f"Say what they may do with --role: {', '.join(ROLES)}.")
        given |= {"role": args.role, "code": secrets.token_urlsafe(16)}
        link = f"https://t.me/{_desk_name(args)}?start={given['code']}"
        print(do_or_hand_over(args.instance, "officials", work, given))
        print(link)
    else:
        print(do_or_hand_over(args.instance, "officials", work, given))
    return 0


async def work(app: Application, given: dict[str, Any]) -> str:
    """Invite or revoke, in the process that holds the folder."""
    from storage.officials import invite, revoke

    now = app.clock.now()
    if given["what"] == "invite":
        await app.committer.write(
            partial(
                invite,
                keys=app.keys,
                code=given["code"],
                name=given["name"],
                role=given["role"],
                now=now,
            )
        )
        return f"For {given['name']} ({given['role']}), once, within ten minutes:"
    n = await app.committer.write(partial(revoke, name=given["name"], now=now))
    if n == 0:
        return f"Nobody called {given['name']} is enrolled; links not yet used are void."
    return f"{given['name']}: revoked ({n})."


def _desk_name(args: argparse.Namespace) -> str:
    """The desk bot's name."""
    if args.bot:
        return str(args.bot).removeprefix("@")
    access = load_credentials(args.instance).desk
    if access is None:
        raise UsageError(
            "There is no DESK_TOKEN in secrets.env. Put it there, or name the bot with --bot."
        )
    from bot.commands.link import ask_name

    return ask_name(access.token, access.api)


def _show(args: argparse.Namespace) -> int:
    from bot.instance import load_folder, load_keys
    from flows.weeks import moment
    from storage.database import Database
    from storage.officials import list_audit, list_officials

    folder = load_folder(args.instance)
    zone = folder.instance.city.time_zone
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        if args.what == "list":
            for official in list_officials(connection, load_keys(folder.path)):
                since = moment(official.enrolled_at, zone).strftime("%Y-%m-%d %H:%M")
                print(f"{official.name}\t{official.role}\tsince {since}")
        else:
            for at, actor, body in list_audit(connection):
                print(f"{moment(at, zone).strftime('%Y-%m-%d %H:%M:%S')}\t{actor}\t{body}")
    database.close_sync()
    return 0
