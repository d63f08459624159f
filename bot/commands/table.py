"""`tertulia table QUESTION --by sector`: one question by one segment, protected."""

from __future__ import annotations

import argparse
from typing import Any

from bot.commands.options import add_asked, asked_from, put


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("table", help=says, description=__doc__)
    parser.add_argument("question", metavar="QUESTION", help="e.g. A15")
    parser.add_argument("--by", required=True, metavar="SEGMENT",
                        help="sector, actor_type, country, language or channel")  # fmt: skip
    add_asked(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from bot.clock import SystemClock
    from bot.commands.summary import as_json
    from bot.instance import load_folder
    from bot.summaries import table
    from storage.database import Database

    folder = load_folder(args.instance)
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        made = table(
            connection,
            folder,
            asked_from(args),
            SystemClock().now(),
            question=args.question,
            by=args.by,
        )
    database.close_sync()
    if args.format == "json":
        put(as_json(made), args.out)
        return 0
    from reports.text import render_table

    bound = folder.consultation(args.consultation)
    locale = args.locale or folder.instance.city.locale
    put((render_table(made, bound, locale) + "\n").encode(), args.out)
    return 0
