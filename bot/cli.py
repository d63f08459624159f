"""`tertulia`: reads the command line and calls one verb. Errors are one sentence and a code.

Exit codes: 0 done, 1 refused or failed (the sentence says why), 2 wrong use of the command.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.commands import VERBS
from bot.errors import UsageError
from bot.settings import Settings
from flows.errors import DefinitionError, ImportRefused, TertuliaError

EPILOG = """\
A city in four steps:
  tertulia init my-city                      make its folder
  tertulia check my-city/consultations/*     see what the consultation costs a person
  tertulia serve --instance my-city          open the chat on this machine
  tertulia summary --instance my-city        read the week

The folder is --instance DIR, else TERTULIA_INSTANCE, else the current folder.
Try it first: tertulia demo
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser(given)
    args = parser.parse_args(given)
    settings = Settings.from_env()
    args.instance = Path(getattr(args, "instance", None) or settings.instance)
    args.log_level = settings.log_level
    logging.basicConfig(handlers=[logging.NullHandler()])  # a command speaks in one sentence
    try:
        return int(args.run(args) or 0)
    except (DefinitionError, ImportRefused) as problem:
        for issue in problem.issues:
            print(issue, file=sys.stderr)
        return 1
    except UsageError as problem:
        print(problem, file=sys.stderr)
        return 2
    except TertuliaError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; nothing half-done was kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def build_parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; only the verb that is used is imported."""
    parser = argparse.ArgumentParser(
        prog="tertulia",
        description="A city holds a consultation by chat; officials read and answer.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parsers = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb, says in VERBS.items():
        if verb in given[:1]:
            module = importlib.import_module(f"bot.commands.{verb.replace('-', '_')}")
            module.add(parsers, says)
        else:
            parsers.add_parser(verb, help=says)
    return parser
