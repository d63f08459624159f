"""`tertulia play A`: talk with a consultation in the terminal. Nothing of it counts.

It runs on a copy of the city in a temporary folder, through the same path as a real message.
--script FILE says the lines of a file, or the `citizen:` lines of a transcript, instead of the
keyboard; --trace FILE keeps what was said and what came back as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance, put
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.transcripts import Exchange


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("play", help=says, description=__doc__)
    parser.add_argument("consultation", metavar="ID|FILE", help="e.g. A, or a definition's file")
    parser.add_argument("--script", type=Path, metavar="FILE", help="lines to say, one a line")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="write the conversation here")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy the city, talk, throw the copy away."""
    from bot.instance import city_of, make_folder
    from bot.transcripts import lines_of

    lines = None
    if args.script is not None:
        try:
            lines = lines_of(args.script.read_text(encoding="utf-8"))
        except OSError as problem:
            raise UsageError(f"{args.script} cannot be read: {problem.strerror}.") from problem
    with tempfile.TemporaryDirectory() as parent:
        copy = Path(parent) / "city"
        make_folder(copy)
        own = city_of(args.instance)
        for name in ("city.yaml", "plan.yaml", "areas.csv", "actions.yaml"):
            if (own / name).is_file():
                shutil.copyfile(own / name, copy / name)
        for file in sorted((own / "consultations").glob("*.yaml")):
            shutil.copyfile(file, copy / "consultations" / file.name)
        talk = asyncio.run(_play(copy, _consultation(args.consultation, copy), lines))
    if args.trace is not None:
        trace = [exchange.as_trace() for exchange in talk]
        put(json.dumps(trace, ensure_ascii=False, indent=2).encode() + b"\n", args.trace)
    return 0


def _consultation(name: str, copy: Path) -> str:
    from flows.loading import parse_consultation

    file = Path(name)
    if not file.is_file():
        return name
    shutil.copyfile(file, copy / "consultations" / file.name)
    return parse_consultation(file.read_text(encoding="utf-8-sig"), file.name).id


async def _play(copy: Path, name: str, lines: list[str] | None) -> list[Exchange]:
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
        return await console.talk(name, lines)
    finally:
        await app.stop()
