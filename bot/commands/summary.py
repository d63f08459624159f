"""`tertulia summary`: the week's summary as data, chat text, page or one-page PDF.

A week is cumulative within the wave up to its Sunday 24:00 in the city's time, plus what is new
in it. Without --week the last closed week is shown. The public view prints the last publication.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_asked, asked_from, put
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.instance import Folder


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("summary", help=says, description=__doc__)
    add_asked(parser)
    parser.add_argument("--publication", type=int, metavar="N",
                        help="with --view public: an earlier publication, as it was")  # fmt: skip
    parser.add_argument("--format", choices=("json", "text", "html", "pdf"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print or write the summary."""
    from bot.clock import SystemClock
    from bot.instance import load_folder
    from bot.summaries import summary
    from storage.database import Database

    if args.publication is not None and args.view != "public":
        raise UsageError("--publication goes with --view public.")
    asked = replace(asked_from(args), publication=args.publication)
    folder = load_folder(args.instance)
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        made = summary(connection, folder, asked, SystemClock().now())
    database.close_sync()
    put(rendered(made, folder, args.consultation, args.format), args.out)
    return 0


def rendered(made: dict[str, Any], folder: Folder, name: str | None, kind: str) -> bytes:
    """The summary in a format."""
    bound = folder.consultation(name)
    if kind == "json":
        return as_json(made)
    if kind == "text":
        from reports.text import render_text

        return (render_text(made, bound) + "\n").encode()
    if kind == "html":
        from reports.page import render_page

        return render_page(made, bound, registry=folder.registry_of(bound))
    from reports.pdf import render_pdf

    return render_pdf(made, bound)


def as_json(made: dict[str, Any]) -> bytes:
    """The same data, the same bytes."""
    return (json.dumps(made, ensure_ascii=False, indent=2) + "\n").encode()
