"""`tertulia play A`: talk with a consultation in the terminal. Nothing of it counts.

It runs on a copy of the city in a temporary folder, through the same path as a real message.
--script FILE reads the lines from a file instead of the keyboard.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.commands.options import add_instance
from bot.errors import UsageError


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("play", help=says, description=__doc__)
    parser.add_argument("consultation", metavar="ID|FILE", help="e.g. A, or a definition's file")
    parser.add_argument("--script", type=Path, metavar="FILE", help="lines to say, one a line")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy the city, talk, throw the copy away."""
    from bot.instance import CATALOGUE, make_folder

    lines = None
    if args.script is not None:
        try:
            lines = args.script.read_text(encoding="utf-8").splitlines()
        except OSError as problem:
            raise UsageError(f"{args.script} cannot be read: {problem.strerror}.") from problem
    with tempfile.TemporaryDirectory() as parent:
        copy = Path(parent) / "city"
        make_folder(copy)
        own = args.instance if (args.instance / "city.yaml").is_file() else CATALOGUE / "city"
        for name in ("city.yaml", "plan.yaml", "areas.csv", "actions.yaml"):
            if (own / name).is_file():
                shutil.copyfile(own / name, copy / name)
        for file in sorted((own / "consultations").glob("*.yaml")):
            shutil.copyfile(file, copy / "consultations" / file.name)
        asyncio.run(_play(copy, _consultation(args.consultation, copy), lines))
    return 0


def _consultation(name: str, copy: Path) -> str:
    from flows.loading import parse_consultation

    file = Path(name)
    if not file.is_file():
        return name
    shutil.copyfile(file, copy / "consultations" / file.name)
    return parse_consultation(file.read_text(encoding="utf-8-sig"), file.name).id


async def _play(copy: Path, name: str, lines: list[str] | None) -> None:
    from bot.app import Application
    from bot.channels.console import Console
    from bot.clock import ManualClock
    from bot.instance import load_folder
    from flows.weeks import midnight

    folder = load_folder(copy)
    wave = folder.consultation(name).definition.waves[0]
    day = midnight(wave.opens + timedelta(days=1), folder.instance.city.time_zone)
    app = Application(folder, clock=ManualClock(day))
    console = Console(app)
    app.add_channel(console)
    await app.start()
    try:
        await console.talk(name, lines)
    finally:
        await app.stop()
