"""Options that several verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.errors import UsageError
from bot.summaries import Asked
from flows.weeks import is_week


def add_instance(parser: argparse.ArgumentParser) -> None:
    """--instance DIR."""
    parser.add_argument("--instance", type=Path, metavar="DIR", help="the city's folder")


def add_asked(parser: argparse.ArgumentParser) -> None:
    """Which summary: consultation, wave, week, view, locale."""
    add_instance(parser)
    parser.add_argument("--consultation", metavar="ID", help="default: the city's consultation")
    parser.add_argument("--wave", type=int, metavar="N", help="default: all waves together")
    parser.add_argument("--week", metavar="2026-W43", help="default: the last closed week")
    parser.add_argument("--view", choices=("internal", "public"), default="internal")
    parser.add_argument("--locale", metavar="es-CO", help="default: the city's")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")


def asked_from(args: argparse.Namespace) -> Asked:
    """The summary that the options ask for."""
    if args.week is not None and not is_week(args.week):
        raise UsageError(f"«{args.week}» is no week; write it like 2026-W43.")
    return Asked(
        consultation=args.consultation,
        wave=args.wave,
        week=args.week,
        view=args.view,
        locale=args.locale,
    )


def put(content: bytes, out: Path | None) -> None:
    """Write to a file, or to standard output."""
    import sys

    if out is None and content.startswith(b"%PDF") and sys.stdout.isatty():
        raise UsageError("A PDF is not for a terminal: name a file with --out.")
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as problem:
        raise UsageError(f"{out} cannot be written: {problem.strerror}.") from problem
    print(out)
