"""`tertulia migrate`: bring the records up to this version of the program, all or nothing.

`serve` does the same when it starts. Make a backup first.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.commands.options import add_instance
from bot.errors import InstanceError


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("migrate", help=says, description=__doc__)
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Migrate and say from where to where."""
    from bot.clock import SystemClock
    from bot.handover import take_lock
    from bot.instance import load_folder, load_keys
    from storage.database import SCHEMA_VERSION, Database, version_of
    from storage.upgrading import account_for_older_rows

    folder = load_folder(args.instance)
    lock = take_lock(args.instance)
    if lock is None:
        raise InstanceError("Another process is serving or writing this folder; stop it first.")
    with lock:
        is_new = not Path(folder.database).exists()
        before = None if is_new else version_of(folder.database)
        keys = load_keys(folder.path)
        database = Database.open(folder.database)
        with database.writer.begin() as connection:
            account_for_older_rows(connection, keys, SystemClock().now())
        database.close_sync()
    if before == SCHEMA_VERSION:
        print(f"The records are of version {SCHEMA_VERSION} already.")
    else:
        print(f"The records went from version {before or 'none'} to {SCHEMA_VERSION}.")
    return 0
