"""`make prove`: kill -9 at random points of a 1,000-person run; the summary is that of no kill.

The people live here and speak over HTTP to the real program; whatever is not acknowledged they
say again with the same id. Afterwards the current answers and the summary of both runs are
compared: every figure and quote of it, all but the time and the fingerprint, which holds times.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.engine import SCRIPT
from bot.clock import SystemClock
from bot.instance import load_folder, make_keys
from flows.inbound import Pressed
from flows.weeks import week_of
from tests.support.serving import Server

THREADS = 8

Answers = dict[tuple[str, str], int]
Summary = dict[str, Any]


def _say(server: Server, person: int, stop: threading.Event) -> None:
    """One person says everything, each thing until it is acknowledged."""
    with httpx.Client(cookies={"tertulia_chat": f"persona-{person:014d}"}, timeout=5) as page:
        for step, body in enumerate(SCRIPT):
            said = {"payload": body.payload} if isinstance(body, Pressed) else {"text": body.text}
            content = json.dumps({"id": f"m{step}", **said})
            while not stop.is_set():
                try:
                    url = f"http://127.0.0.1:{server.port}/chat/send"
                    if page.post(url, content=content).status_code == 200:
                        break
                except httpx.HTTPError:
                    time.sleep(0.05)


def _run(people: int, kills: int, seed: int) -> tuple[Answers, Summary]:
    """A whole run; returns how many people stand by each answer, and the summary."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "city"
        command = [sys.executable, "-m", "bot", "init", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        shutil.rmtree(folder / "keys")
        make_keys(folder, seed=b"prove")  # the same people have the same ids in both runs
        server = Server(folder)
        server.start()
        stop = threading.Event()
        queue = iter(range(people))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    person = next(queue, None)
                if person is None:
                    return
                _say(server, person, stop)

        threads = [threading.Thread(target=work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for number in range(kills):
            time.sleep(rng.uniform(0.2, 1.2))
            if not any(thread.is_alive() for thread in threads):
                break
            server.kill()
            server.start()
            print(f"\rkill {number + 1} of {kills}", end="", flush=True)
        for thread in threads:
            thread.join()
        server.kill()
        return _answers(folder / "tertulia.db"), _summary(folder)


def _summary(folder: Path) -> Summary:
    week = week_of(SystemClock().now(), load_folder(folder).instance.city.time_zone)
    command = [sys.executable, "-m", "bot", "summary", "--instance", str(folder)]
    made = subprocess.run(
        [*command, "--week", week, "--format", "json"], check=True, capture_output=True
    )
    summary: Summary = json.loads(made.stdout)
    return {key: value for key, value in summary.items() if key not in ("as_of", "fingerprint")}


def _answers(file: Path) -> Answers:
    with sqlite3.connect(file) as database:
        rows = database.execute(
            "SELECT a.question, a.value, count(*) FROM answer a JOIN current_answer c"
            " USING (bucket, participant, consultation, wave, question, loop, revision)"
            " GROUP BY 1, 2"
        )
        return {(question, value): n for question, value, n in rows}


def main() -> None:
    """Run twice and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    calm, calm_summary = _run(args.people, 0, args.seed)
    killed, killed_summary = _run(args.people, args.kills, args.seed)
    print(f"\n{sum(calm.values())} answers without a kill, {sum(killed.values())} with")
    valid = [made["states"]["valid"] for made in (calm_summary, killed_summary)]
    print(f"{valid[0]} valid responses in the summary without a kill, {valid[1]} with")
    is_same = (calm, calm_summary) == (killed, killed_summary)
    print("the same" if is_same else "DIFFERENT")
    sys.exit(not is_same)


if __name__ == "__main__":
    main()
