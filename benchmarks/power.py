"""Power cuts: the product's own committer on a disk of paper, cut at random moments.

`python -m benchmarks.power --cuts 1000`. Every update that was acknowledged before a cut must be
in the file as the cut left it, and the file must be whole. With synchronous=NORMAL the same
harness must find losses, or it would prove nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine import SCRIPT
from bot.app import Application
from bot.clock import ManualClock
from bot.instance import make_folder
from flows.inbound import Envelope, Inbound
from storage.database import Database
from storage.keys import KeyRing
from storage.verifying import verify
from tests.support.cities import NOW
from tests.support.disk import Paper, image_at, on_paper

CHANNEL = "web"
VERIFY_EVERY = 20
"""After every so many cuts everything is verified, not only what was promised."""


@dataclass(slots=True)
class Cuts:
    """`lost`: acknowledged updates that were gone; `broken`: files that were not whole."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    with_loss: int = 0
    broken: int = 0


async def _person(app: Application, paper: Paper, number: int, gate: asyncio.Semaphore) -> None:
    async with gate:
        for step, body in enumerate(SCRIPT):
            at = NOW + step
            name = f"{number}/{step}"
            inbound = Inbound(channel=CHANNEL, body=body, sent_at=at, order=(at, step))
            envelope = Envelope(
                channel=CHANNEL, address=f"p{number}", external_id=name, inbound=inbound,
                received_at=at,
            )  # fmt: skip
            await app.committer.submit(envelope)
            paper.mark(name)


async def speak(folder: Path, paper: Paper, synchronous: str, people: int) -> KeyRing:
    """People speak, at first one by one and then many at once; what happened is on the paper."""
    with on_paper(paper.name, synchronous):
        app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
        paper.trace.append(("begun",))
        await app.committer.start()
        third = people // 3
        for at_once, numbers in (
            (1, range(third)),
            (4, range(third, 2 * third)),
            (32, range(2 * third, people)),
        ):
            gate = asyncio.Semaphore(at_once)
            await asyncio.gather(*(_person(app, paper, n, gate) for n in numbers))
        paper.trace.append(("ended",))
        await app.committer.stop()
        app.database.close_sync()
    return app.keys


def cut(paper: Paper, keys: KeyRing, cuts: int, seed: int) -> Iterator[Cuts]:
    """Cut the power so many times; yields the sums so far after each cut."""
    rng, found, trace = random.Random(seed), Cuts(), paper.trace
    begun, ended = trace.index(("begun",)), trace.index(("ended",))
    hashes = {step[1]: keys.hash("inbox", CHANNEL, step[1]) for step in trace if step[0] == "mark"}
    for _ in range(cuts):
        at = rng.randrange(begun, ended)
        checks = keys if found.cuts % VERIFY_EVERY == 0 else None
        promised = {hashes[step[1]] for step in trace[:at] if step[0] == "mark"}
        is_whole, kept = _read(image_at(trace, at, rng), checks)
        lost = len(promised - kept)
        found.cuts += 1
        found.acknowledged += len(promised)
        found.lost += lost
        found.with_loss += bool(lost)
        found.broken += not is_whole
        yield found


def _read(files: dict[str, bytes], keys: KeyRing | None) -> tuple[bool, set[bytes]]:
    """Whether a file is whole after the cut, and the updates in it; `keys`: verify it all."""
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            (Path(place) / name).write_bytes(content)
        database = sqlite3.connect(Path(place) / "tertulia.db")
        try:
            is_whole = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            kept = {row[0] for row in database.execute("SELECT key FROM inbox")}
        except sqlite3.OperationalError:  # whole, and from before its tables were made
            return True, set()
        except sqlite3.DatabaseError:
            return False, set()
        finally:
            database.close()
        if keys is not None:
            is_whole = is_whole and _fits(Path(place) / "tertulia.db", keys)
    return is_whole, kept


def _fits(file: Path, keys: KeyRing) -> bool:
    records = Database.open_readonly(str(file))
    try:
        with records.reading() as connection:
            return verify(connection, keys, NOW).is_good
    finally:
        records.close_sync()


def prove(synchronous: str, *, cuts: int, people: int, seed: int, shows: bool = False) -> Cuts:
    """A whole proof: speak once, cut many times."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "city"
        make_folder(folder)
        paper = Paper(f"paper-{synchronous}-{seed}")
        keys = asyncio.run(speak(folder, paper, synchronous, people))
        found = Cuts()
        for found in cut(paper, keys, cuts, seed):
            if shows and found.cuts % 10 == 0:
                print(f"\r{synchronous}: {found.cuts} of {cuts} cuts", end="", flush=True)
        paper.close()
    return found


def main() -> None:
    """FULL must lose nothing; NORMAL must lose something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    for synchronous in ("FULL", "NORMAL"):
        found = prove(synchronous, cuts=args.cuts, people=args.people, seed=args.seed, shows=True)
        print(
            f"\r{synchronous}: {found.cuts} cuts, {found.lost} acknowledged updates lost in"
            f" {found.with_loss} of them, {found.broken} files broken"
        )
        is_right = found.broken == 0 and (found.lost == 0) == (synchronous == "FULL")
        if not is_right:
            sys.exit(1)


if __name__ == "__main__":
    main()
