"""`make prove`: every proof of docs/reliability.md, one after the other, at full size.

`--size 0.1` makes each a tenth as large; `--only crash` runs one. What a run really did is what
it prints; hours at full size on two cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

FULL: tuple[tuple[str, str, tuple[tuple[str, int], ...], tuple[str, ...]], ...] = (
    ("kill", "benchmarks.kill", (("people", 1000), ("kills", 20)), ()),
    ("power", "benchmarks.power", (("cuts", 1000),), ()),
    ("model", "benchmarks.model", (("examples", 300),), ()),
    ("payloads", "benchmarks.payloads", (("count", 100_000),), ()),
    ("crash", "benchmarks.crash", (("people", 97_000), ("kills", 100)), ("--defects",)),
    (
        "telegram",
        "benchmarks.crash",
        (("people", 97_000), ("kills", 100)),
        ("--edge", "telegram"),
    ),
    ("simulation", "benchmarks.simulation", (("seeds", 1000),), ()),
)
"""Name, module, sizes, and what does not change with the size. 97,000 people: 10^6 deliveries."""


def main() -> None:
    """Run them; the exit code is 1 if any found something wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, default=1.0, metavar="X")
    parser.add_argument("--only", choices=[name for name, *_ in FULL])
    args = parser.parse_args()
    failed = []
    for name, module, sizes, rest in FULL:
        if args.only not in (None, name):
            continue
        sized = [f"--{what}={max(1, round(n * args.size))}" for what, n in sizes]
        command = [sys.executable, "-m", module, *sized, *rest]
        print(f"\n== {name}: python -m {module} {' '.join([*sized, *rest])}", flush=True)
        begun = time.monotonic()
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
        print(f"   {time.monotonic() - begun:.0f} s", flush=True)
    print(f"\nFound something wrong: {', '.join(failed)}" if failed else "\nAll proofs hold.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
