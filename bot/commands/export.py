"""`tertulia export`: the protected summary as XLSX, CSV with its codebook, or a data package.

The public view by default. Row by row is a separate act: --rows with --reason and --by. It is
written in the audit log before a single row is read; small groups are folded, open answers and
sensitive questions stay inside.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_asked, asked_from
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.app import Application
    from bot.instance import Folder
    from reports.export.tables import Table

SHORTEST_REASON = 10


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    from bot.exporting import FORMATS

    parser = parsers.add_parser("export", help=says, description=__doc__)
    add_asked(parser)
    parser.set_defaults(view="public", run=run)
    parser.add_argument("--format", choices=FORMATS, default="xlsx")
    parser.add_argument("--rows", action="store_true", help="row by row; needs --reason and --by")
    parser.add_argument("--reason", metavar="TEXT", help="why the rows are needed")
    parser.add_argument("--by", metavar="NAME", help="who takes them out")


def run(args: argparse.Namespace) -> int:
    """Write the files and say which."""
    from bot.clock import SystemClock
    from bot.exporting import files_of, write_files
    from bot.instance import load_folder
    from bot.summaries import summary
    from reports.export.tables import tables_of
    from storage.database import Database

    if args.out is None:
        raise UsageError("Say where the files go: --out FOLDER, FILE.xlsx or FILE.zip.")
    folder, now = load_folder(args.instance), SystemClock().now()
    bound = folder.consultation(args.consultation)
    if args.rows:
        print(_write_down(args, folder))
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        made = summary(connection, folder, asked_from(args), now)
        tables = tables_of(made, bound)
        if args.rows:
            tables = [t for t in tables if t.name in ("about", "codebook")]
            tables.insert(1, _rows(connection, folder, args, now))
    database.close_sync()
    for path in write_files(files_of(tables, made, bound, args.format), _out(args)):
        print(path)
    return 0


def _out(args: argparse.Namespace) -> Path:
    """Where the files go; a name with a wrong ending is told."""
    out: Path = args.out
    wanted = {"", ".zip"} | ({".xlsx"} if args.format == "xlsx" else set())
    if out.suffix not in wanted:
        raise UsageError(f"«{out.name}»: for {args.format} give a folder or a .zip file.")
    return out


def _write_down(args: argparse.Namespace, folder: Folder) -> str:
    """The audit line, before anything is read."""
    from bot.handover import do_or_hand_over

    reason, by = (args.reason or "").strip(), (args.by or "").strip()
    if len(reason) < SHORTEST_REASON or not by:
        raise UsageError(
            "Row by row needs --reason, a sentence that the audit log keeps, and --by, your name."
        )
    if args.view == "public":
        raise UsageError("Rows are for inside: say --view internal.")
    given = {
        "consultation": folder.consultation(args.consultation).definition.id,
        "wave": args.wave,
        "reason": reason[:500],
        "by": by[:80],
    }
    return do_or_hand_over(args.instance, "export", work, given)


async def work(app: Application, given: dict[str, Any]) -> str:
    """Write down who takes rows out, and why."""
    from functools import partial

    from storage.officials import audit

    what = {"consultation": given["consultation"], "reason": given["reason"]}
    wave = "all" if given["wave"] is None else str(given["wave"])
    write = partial(audit, at=app.clock.now(), actor=given["by"], did="rows_exported")
    await app.committer.write(partial(write, wave=wave, **what))
    return f"Written in the audit log: {given['by']}, rows of {given['consultation']}."


def _rows(connection: Any, folder: Folder, args: argparse.Namespace, now: int) -> Table:
    from bot.instance import load_keys
    from reports.export.rows import rows_table
    from storage.extract import read_rows

    definition = folder.consultation(args.consultation).definition
    city = folder.instance.city
    keys = load_keys(folder.path)
    rows = read_rows(connection, keys, definition, wave=args.wave, zone=city.time_zone, now=now)
    return rows_table(rows, city.thresholds.public)
