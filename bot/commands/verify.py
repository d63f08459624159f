"""`tertulia verify`: count and compute everything anew; name what does not fit.

Every accepted update ended as applied, ignored with a reason, or quarantined, and the three add
up; constraints, seals, chains, counts and the outbox hold. Reads only; `serve` may go on. Exit
code 0 when everything fits, 1 when something does not.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance

if TYPE_CHECKING:
    from storage.verifying import Verdict


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("verify", help=says, description=__doc__)
    add_instance(parser)
    parser.add_argument("--json", action="store_true", help="as data")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Verify and print."""
    from bot.clock import SystemClock
    from bot.instance import load_folder, load_keys
    from storage.database import Database
    from storage.verifying import verify

    folder = load_folder(args.instance)
    database = Database.open_readonly(folder.database)
    keys = load_keys(folder.path)
    try:
        with database.reading() as connection:
            verdict = verify(connection, keys, SystemClock().now())
    finally:
        database.close_sync()
    print(as_json(verdict) if args.json else as_text(verdict))
    return 0 if verdict.is_good else 1


def as_json(verdict: Verdict) -> str:
    """The verdict as data, schema tertulia.verify/1."""
    return json.dumps(
        {
            "schema": "tertulia.verify/1",
            "good": verdict.is_good,
            "accepted": verdict.accepted,
            "applied": verdict.applied,
            "ignored": verdict.ignored,
            "quarantined": verdict.quarantined,
            "reasons": verdict.reasons,
            "outbox": verdict.outbox,
            "ledger": {"links": verdict.links, "head": verdict.head},
            "problems": [{"where": p.where, "says": p.says} for p in verdict.problems],
        },
        ensure_ascii=False,
        indent=2,
    )


def as_text(verdict: Verdict) -> str:
    """The verdict in lines."""
    parts = f"{verdict.applied} applied + {verdict.ignored} ignored"
    lines = [f"{verdict.accepted} accepted = {parts} + {verdict.quarantined} quarantined"]
    lines += [f"  {n} {reason}" for reason, n in sorted(verdict.reasons.items())]
    states = ", ".join(f"{n} {state}" for state, n in sorted(verdict.outbox.items()))
    lines.append(f"messages: {states or 'none'}")
    head = f"; head of {verdict.head[0]}: {verdict.head[1]}" if verdict.head else ""
    lines.append(f"ledger: {verdict.links} links{head}")
    lines += [f"{problem.where}: {problem.says}" for problem in verdict.problems]
    n = len(verdict.problems)
    lines.append("Everything fits." if not n else f"{n} things do not fit.")
    return "\n".join(lines)
