"""`tertulia report`: the full report as PDF or as one HTML page.

Opens with what its kind of space is for, then a one-page brief, the technical sheet, who took
part and who is missing, what they said, who disagrees and why, what the city does and answered,
a page per axis of the plan, the quality card and the annex of methods.
"""

from __future__ import annotations

import argparse
from typing import Any

from bot.commands.options import add_asked, asked_from, put


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("report", help=says, description=__doc__)
    add_asked(parser)
    parser.add_argument("--format", choices=("pdf", "html"), default="pdf")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report."""
    from bot.clock import SystemClock
    from bot.instance import load_folder
    from bot.summaries import summary
    from reports.document.rendering import render_report
    from storage.database import Database

    folder = load_folder(args.instance)
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        made = summary(connection, folder, asked_from(args), SystemClock().now())
    database.close_sync()
    bound = folder.consultation(args.consultation)
    registry = folder.registry_of(bound)
    put(render_report(made, bound, args.format, registry=registry), args.out)
    return 0
