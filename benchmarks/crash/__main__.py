"""`python -m benchmarks.crash --edge loopback --people 5000 --kills 100 --seeds 3`.

With --defects each seeded mistake is put in, and must be found.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.crash.defects import DEFECTS
from benchmarks.crash.edges import EDGES
from benchmarks.crash.judge import Verdict, judge
from benchmarks.crash.people import script, truth
from benchmarks.crash.platform import Platform, in_what_order
from bot.conversation import Conversation
from bot.instance import load_folder, load_keys, make_folder
from storage.database import Database
from tests.support.cities import NOW


def prove(
    edge_name: str, *, people: int, kills: int, seed: int, defect: str = "", shows: bool = False
) -> Verdict:
    """One run."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "city"
        make_folder(folder)
        keys = load_keys(folder)
        Database.open(str(folder / "tertulia.db")).close_sync()
        conversation = Conversation(load_folder(folder), keys, "http://x")
        edge = EDGES[edge_name](folder, defect)
        said = [script(1000 + number, rng) for number in range(people)]
        truths = {s[0].person: truth(conversation, keys, edge.channel, s) for s in said}
        platform = Platform(edge, in_what_order(said, rng), kills, rng)
        asyncio.run(platform.speak(_show if shows else lambda _: None))
        try:
            return judge(platform, edge, keys, truths, NOW)
        finally:
            edge.close()


def _show(platform: Platform) -> None:
    done = f"{platform.done} of {platform.total} deliveries, {platform.killed} kills"
    print(f"\r{done}", end="", flush=True)


def main() -> None:
    """Run with every seed; then, if asked, with every defect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edge", choices=tuple(EDGES), default="loopback")
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--defects", action="store_true")
    args = parser.parse_args()
    is_good = True
    for seed in range(1, args.seeds + 1):
        begun = time.monotonic()
        verdict = prove(args.edge, people=args.people, kills=args.kills, seed=seed, shows=True)
        is_good &= verdict.is_good
        seconds = time.monotonic() - begun
        print(f"\r{args.edge}, seed {seed}: {verdict} ({seconds:.0f} s)", flush=True)
    for defect in DEFECTS if args.defects else ():
        verdict = prove(args.edge, people=120, kills=12, seed=1, defect=defect)
        is_good &= not verdict.is_good
        print(f"{defect}: {'NOT FOUND' if verdict.is_good else 'found'}: {verdict}", flush=True)
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
