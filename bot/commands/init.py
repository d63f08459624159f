"""`tertulia init DIR`: the folder of a city, copied from the catalogue, with keys of its own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("init", help=says, description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the folder."""
    from bot.instance import make_folder

    make_folder(args.folder)
    print(f"{args.folder} is ready. Next: put your city in city.yaml and plan.yaml, then")
    print(f"  tertulia check {args.folder}/consultations/A.yaml")
    print(f"  tertulia serve --instance {args.folder}")
    return 0
