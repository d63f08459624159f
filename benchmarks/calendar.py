"""`make calendar`: two waves, 5,000 people, six cities' clocks, on virtual time, twice the same.

A panel, invitations, reminders and results, with people who say BASTA or have blocked the city,
Sundays off, three days of silence and the clock changes of March and April 2027. Every message
is judged on its receiver's own clock; both runs must leave the same records and say the same.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.support.calendar import HOMES, Ran, run


def _once(people: int, seed: int) -> Ran:
    with tempfile.TemporaryDirectory() as parent:
        began, cpu = time.monotonic(), time.process_time()
        ran = asyncio.run(run(Path(parent) / "city", people=people, seed=seed))
        took, used = time.monotonic() - began, time.process_time() - cpu
    print(f"{took:.0f} s, {used:.0f} s of CPU, digest {ran.digest[:16]}", flush=True)
    return ran


def main() -> None:
    """Run twice and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print("clocks: " + ", ".join(zone for zone, _ in HOMES.values()))
    with ProcessPoolExecutor(2) as side_by_side:
        runs = [side_by_side.submit(_once, args.people, args.seed) for _ in range(2)]
        first, second = [run.result() for run in runs]
    for name, n in sorted(first.counts.items()):
        print(f"  {name}: {n}")
    print(f"  panel: {first.panel}")
    for fault in first.wrong[:10]:
        print(f"  WRONG: {fault}")
    is_same = (first.digest, first.counts) == (second.digest, second.counts)
    print("the same" if is_same else "DIFFERENT", f"- {len(first.wrong)} wrong")
    sys.exit(not is_same or bool(first.wrong))


if __name__ == "__main__":
    main()
