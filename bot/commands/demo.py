"""`tertulia demo`: a made-up city with 300 made-up people, on this machine. DATOS INVENTADOS.

Opens one address: the chat in a phone on the left, the live summary on the right. The folder
stays (./demo by default), so that the process can be stopped and the chat goes on afterwards.
--headless serves nothing: it writes the summary in four formats and the database, and ends.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import date
from pathlib import Path
from typing import Any

HEADLESS_DAY = date(2026, 11, 23)
"""The day of a headless run unless --today says otherwise: the same seed, the same bytes."""


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("demo", help=says, description=__doc__)
    parser.add_argument("--headless", action="store_true", help="serve nothing, write files")
    parser.add_argument("--people", type=int, default=300, metavar="N")
    parser.add_argument("--seed", type=int, default=7, metavar="S")
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR")
    parser.add_argument("--today", type=date.fromisoformat, metavar="2026-11-23")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fresh", action="store_true", help="begin the demo's folder anew")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the city and its people if they are not there yet, then serve or write."""
    from bot.errors import UsageError

    if not 10 <= args.people <= 20_000:
        raise UsageError("--people takes a number from 10 to 20000.")
    today = args.today or (HEADLESS_DAY if args.headless else date.today())  # noqa: DTZ011 - here
    if args.headless:
        return _headless(args, today)
    return _serve(args, today)


def _populated(args: argparse.Namespace, today: date) -> None:
    """Make the folder, once; an interrupted beginning is thrown away."""
    from bot.demo.city import make_demo_folder, populate

    if args.fresh:
        _clear(args.out)
    if (args.out / "out" / "ready").exists():
        return
    _clear(args.out)
    print(f"{args.people} made-up people are speaking (once) …", flush=True)
    make_demo_folder(args.out, today=today, seed=args.seed)
    asyncio.run(populate(args.out, people=args.people, seed=args.seed, today=today))
    (args.out / "out" / "ready").touch()


def _clear(folder: Path) -> None:
    """Remove a demo's folder; any other folder is left alone."""
    import shutil

    from bot.errors import UsageError

    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / "city.yaml").exists():
        raise UsageError(f"{folder} holds something else; choose another --out.")
    shutil.rmtree(folder)


def _headless(args: argparse.Namespace, today: date) -> int:
    from bot.commands.summary import rendered
    from bot.instance import load_folder
    from bot.summaries import Asked, summary
    from flows.weeks import midnight
    from storage.database import Database

    args.fresh = True
    _populated(args, today)
    folder = load_folder(args.out)
    now = midnight(today, folder.instance.city.time_zone)
    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        made = summary(connection, folder, Asked(wave=1, seed=args.seed), now)
    database.close_sync()
    for kind, name in (("json", "json"), ("text", "txt"), ("html", "html"), ("pdf", "pdf")):
        (args.out / f"summary.{name}").write_bytes(rendered(made, folder, None, kind))
    print(f"{made['participation']['valid']} valid responses; summary.* are in {args.out}.")
    return 0


def _serve(args: argparse.Namespace, today: date) -> int:
    from bot.app import Application
    from bot.commands.serve import check_port, serve
    from bot.errors import InstanceError
    from bot.handover import take_lock
    from bot.instance import load_folder
    from bot.log import set_up

    set_up(args.log_level)
    check_port("127.0.0.1", args.port)
    _populated(args, today)
    lock = take_lock(args.out)
    if lock is None:
        raise InstanceError("The demo is already running in this folder.")
    url = f"http://127.0.0.1:{args.port}"
    print(f"Open  {url}  (Ctrl+C ends it; the chat goes on when you start again)", flush=True)
    app = Application(load_folder(args.out), base_url=url)
    asyncio.run(serve(app, "127.0.0.1", args.port, None))
    lock.close()
    return 0
