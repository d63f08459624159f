"""`tertulia restore FILE`: put a backup in place of the records. `serve` must have ended.

Who withdrew after the backup was made stays withdrawn: erased.log of the folder says who, and
--erased names another such file, if the folder was lost. The records that were there are kept
beside the new ones until somebody deletes them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.commands.options import add_instance
from bot.errors import InstanceError


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("restore", help=says, description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="made by tertulia backup")
    parser.add_argument("--erased", type=Path, metavar="FILE", help="an erased.log kept elsewhere")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check everything first; only then is anything changed."""
    from bot.clock import SystemClock
    from bot.handover import take_lock
    from bot.instance import load_folder, load_keys
    from storage.backups import inspect, prepare, put_in_place

    folder = load_folder(args.instance)
    if not (folder.path / "keys").is_dir():
        raise InstanceError(
            "The keys are missing in keys/: bring them back first, from where they were kept."
        )
    inspect(args.file)
    lock = take_lock(args.instance)
    if lock is None:
        raise InstanceError("Another process is serving or writing this folder; stop it first.")
    keys, database = load_keys(folder.path), Path(folder.database)
    place = database.with_name(f"{database.name}.restoring")
    with lock:
        try:
            withdrawals = _withdrawals(folder.path, args.erased)
            now = SystemClock().now()
            missed = prepare(args.file, place, keys, withdrawals, now)
            old = put_in_place(place, database, str(now))
        finally:
            for ending in ("", "-wal", "-shm"):
                place.with_name(place.name + ending).unlink(missing_ok=True)
    print(f"Restored from {args.file.name}. Withdrawals since then, kept: {missed}.")
    if old is not None:
        print(f"The records that were there: {old.name}. Delete them when all is well.")
    print(f"Next: tertulia verify --instance {args.instance}")
    return 0


def _withdrawals(folder: Path, other: Path | None) -> Any:
    from storage.tombstones import FILE, read_withdrawals

    if other is not None and not other.is_file():
        raise InstanceError(f"There is no file {other.name}.")
    found = read_withdrawals(folder / FILE)
    found += read_withdrawals(other) if other is not None else []
    return sorted(found, key=lambda one: one.at)
