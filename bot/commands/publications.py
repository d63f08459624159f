"""`tertulia publications`: what was published, what became of it; and a correction.

A publication is a cut of the public tables with a number; its figures never change. --correct
makes the last one again at its own cut, after a mistake of the city's or the program's was
mended, as a new number that says what changed. Print one with
`tertulia summary --view public --publication N`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.app import Application

MOST_SHOWN = 12


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("publications", help=says, description=__doc__)
    parser.add_argument("--consultation", metavar="ID", default=None)
    parser.add_argument("--correct", metavar="WHY", help="why the last one is made again")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List, or correct here or through the process that holds the folder."""
    from bot.handover import do_or_hand_over
    from bot.instance import load_folder

    bound = load_folder(args.instance).consultation(args.consultation)
    if args.correct is None:
        print("\n".join(_listed(args, bound.definition.id)))
        return 0
    if not args.correct.strip():
        raise UsageError("Say why it is corrected: --correct «the margin of district C02».")
    given = {"consultation": str(bound.definition.id), "note": args.correct.strip()}
    print(do_or_hand_over(args.instance, "publications", work, given))
    return 0


def _listed(args: argparse.Namespace, consultation: str) -> list[str]:
    from bot.instance import load_folder
    from bot.published import unpack
    from storage.database import Database
    from storage.publications import list_publications

    database = Database.open_readonly(load_folder(args.instance).database)
    with database.reading() as connection:
        listed = [k for k in list_publications(connection, consultation) if k.wave is None]
    database.close_sync()
    lines = []
    for kept in listed:
        body = unpack(kept)
        why = f", corrects {kept.corrects}: {kept.note}" if kept.corrects else ""
        mark = f", {kept.mark} since" if kept.mark else ""
        valid = body.summary["participation"]["valid"]
        lines.append(f"{kept.number}: cut {body.at}, {valid} people{why}{mark}")
    return lines or ["Nothing has been published yet."]


async def work(app: Application, given: dict[str, Any]) -> str:
    """Correct; says what changed."""
    from bot.publishing import correct

    changed = await app.committer.write(
        lambda c: correct(c, app.folder, given["consultation"], given["note"], app.clock.now())
    )
    more = len(changed) - MOST_SHOWN
    shown = changed[:MOST_SHOWN] + ([f"and {more} more"] if more > 0 else [])
    return "Corrected. Changed: " + "; ".join(shown)
