"""`tertulia backup FILE`: everything in the records, in one new file, while `serve` goes on.

The file holds the answers in clear: keep it where only the city can read it, and apart from
keys/, which it does not hold. erased.log belongs beside it (guia-operacion.md).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.commands.options import add_instance


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("backup", help=says, description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="a new file")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy, check, say what is in it."""
    from bot.instance import load_folder
    from storage.backups import back_up
    from storage.database import Database

    folder = load_folder(args.instance)
    Database.open_readonly(folder.database).close_sync()  # another version is told first
    kept = back_up(Path(folder.database), args.file)
    print(
        f"{args.file}: {kept.participants} participants, {kept.answers} answers,"
        f" {kept.size / 1e6:.1f} MB, checked."
    )
    return 0
