"""`tertulia import-answers --consultation A --wave 1 FILE.csv`: answers from paper or elsewhere.

Columns: participant, question, value, other_text, answered_at, version, channel, country,
language, actor_type, source. Several or ranked values are joined by |, in order; _skip is a
skipped question; _start, _consent, _age, _end and _withdraw tell the way. The whole file is
taken or nothing, with row and column of every mistake.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.app import Application


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("import-answers", help=says, description=__doc__)
    add_instance(parser)
    parser.add_argument("--consultation", required=True, metavar="ID")
    parser.add_argument("--wave", type=int, required=True, metavar="N")
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read the file and have it written."""
    from bot.handover import do_or_hand_over
    from bot.instance import load_folder

    if args.wave < 1:
        raise UsageError("A wave is 1 or more.")
    try:
        text = args.file.read_text(encoding="utf-8-sig", errors="strict")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{args.file.name} is not written in UTF-8; save it again.") from problem
    except OSError as problem:
        raise UsageError(f"{args.file} cannot be read: {problem.strerror}.") from problem
    load_folder(args.instance).consultation(args.consultation)
    given = {
        "consultation": args.consultation,
        "wave": args.wave,
        "text": text,
        "source": args.file.name,
    }
    print(do_or_hand_over(args.instance, "import-answers", work, given))
    return 0


async def work(app: Application, given: dict[str, Any]) -> str:
    """Write the answers; says how many people they are of."""
    from bot.importing import import_answers

    count = await import_answers(app, **given)
    return f"{count} responses taken in from {given['source']}."
