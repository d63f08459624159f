"""`tertulia init DIR`: the folder of a city, copied from the catalogue, with keys of its own."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Any

DAYS = {"opens": 0, "closes": 27, "results_on": 41, "reply_on": 90}
"""Days from today: what a city would set anyway, and a consultation that can be tried at once."""


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("init", help=says, description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the folder."""
    from bot.clock import SystemClock
    from bot.instance import load_folder, make_folder, set_dates
    from flows.weeks import moment

    make_folder(args.folder)
    zone = load_folder(args.folder).instance.city.time_zone
    today = moment(SystemClock().now(), zone).date()
    set_dates(args.folder, {name: today + timedelta(days=n) for name, n in DAYS.items()})
    print(f"{args.folder} is ready. Next: put your city in city.yaml and plan.yaml, your dates in")
    print("consultations/*.yaml (now: open from today for four weeks), then")
    print(f"  tertulia check {args.folder}/consultations/A.yaml")
    print(f"  tertulia serve --instance {args.folder}")
    return 0
