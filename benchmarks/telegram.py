"""`make load`: 20,000 people on the loopback Bot API, with all that goes wrong.

Hours pass in minutes: the platform's judge, the people and the city read one fast clock. A fifth
of the updates come twice, some out of order; Telegram answers 429 in storms and is away for a
minute; the city's process is killed five times (SIGKILL). Afterwards every answer is compared
with what its person said.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.clock import FastClock
from bot.instance import load_folder, make_folder, make_keys
from tests.support.cities import NOW
from tests.support.telegram import Bot, BotApi, Message, Person, serving

TOKEN = "5550001:made-up-token-of-the-load-run"
STEPS = ("A00:SI", "A02:PER", "", "A10:", "A15:", "", "A01:RES", "", "A22:RES")
MESSAGES = len(STEPS) + 1
THEMES = ("AGU", "EMP", "SEG", "MOV", "MIG")
CALM, RUSH = 2.0, 4.5
"""People who begin in a second: two thirds of the pace, and half as much again as it allows."""
REPEATED, SWAPPED, TWICE = 0.2, 0.1, 0.05
FAULTS = ("kill", "storm", "kill", "outage", "kill", "storm", "kill", "kill")


@dataclass(slots=True)
class Citizen:
    """One made-up person: where they are, and what they will have said."""

    person: Person
    said: dict[str, str]
    step: int = 0
    acted_at: float = 0.0
    last_text: str = ""
    repeats: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)


class Crowd:
    """The people, moved by the messages they get."""

    def __init__(self, bot: Bot, clock: FastClock, people: int, seed: int) -> None:
        self.bot, self.clock, self.rng = bot, clock, random.Random(seed)
        self.old_button = ""
        self.citizens = {n: self._citizen(n) for n in range(1, people + 1)}
        self.finished = 0
        self.sent_at: list[float] = []
        self._count = itertools.count()
        self._agenda: list[tuple[float, int, Any]] = []
        self._lock = threading.Lock()
        self._held: tuple[bytes, dict[str, Any], dict[str, Any]] | None = None
        bot.listener = self.hears

    def _citizen(self, number: int) -> Citizen:
        said = {
            "A02": "PER",
            "A13": f"agua {number}",
            "A10": self.rng.choice(THEMES),
            "A15": str(self.rng.randint(1, 5)),
            "A16": f"razón {number}",
            "A01": "RES",
            "A22": "RES",
        }
        return Citizen(Person(self.bot, number), said)

    def now(self) -> float:
        return self.clock.now() / 1e6

    def plan(self, at: float, act: Any) -> None:
        """Do something at a time of the fast clock."""
        with self._lock:
            heapq.heappush(self._agenda, (at, next(self._count), act))

    def arrive(self) -> float:
        """Plan everybody's arrival; returns when the last one comes."""
        at = self.now() + 5
        for number, citizen in self.citizens.items():
            calm = number <= 0.4 * len(self.citizens)
            at += self.rng.expovariate(CALM if calm else RUSH)
            self.plan(at, lambda c=citizen: self.act(c, c.person.start))  # type: ignore[misc]
        return at

    def run(self, until: Any) -> None:
        """Do what is planned when its time comes."""
        while not until():
            with self._lock:
                ready = self._agenda[0] if self._agenda else None
                if ready is not None and ready[0] <= self.now():
                    heapq.heappop(self._agenda)
                else:
                    ready = None
            if ready is None:
                time.sleep(0.001)
            else:
                ready[2]()

    def act(self, citizen: Citizen, action: Any) -> None:
        """Say or press, now; the platform may deliver it twice, or after the next one."""
        citizen.acted_at = self.now()
        with self.bot.lock:
            action()
            if self.rng.random() < SWAPPED:
                _swap_last_two(self.bot)
            update = self.bot.pending[-1]
            if self.rng.random() < REPEATED:
                body = json.loads(update.body)
                self.plan(
                    self.now() + self.rng.uniform(0.1, 20),
                    lambda: self.bot.push(update.body, body, {"id": update.chat_id}),
                )

    def hears(self, chat: int, message: Message) -> None:
        """The bot wrote to somebody: they answer after a while."""
        citizen, now = self.citizens[chat], self.now()
        self.sent_at.append(now)
        if message.text == citizen.last_text:
            citizen.repeats += 1
            return
        citizen.last_text = message.text
        if message.text == self.old_button:
            return  # the answer to a second tap
        citizen.waits.append((citizen.acted_at, now))
        if citizen.step == len(STEPS):
            if "-" in message.text and citizen.step < MESSAGES:
                citizen.step = MESSAGES
                self.finished += 1
            return
        step = STEPS[citizen.step]
        shown = [b["callback_data"] for row in message.keyboard for b in row]
        if step and not any(data.startswith(step) for data in shown):
            return
        citizen.step += 1
        self.plan(now + self.rng.uniform(2, 25), lambda: self.answer(citizen, step, message))

    def answer(self, citizen: Citizen, step: str, message: Message) -> None:
        person, said = citizen.person, citizen.said
        if not step:
            text = ("agua", "razón", "SALTAR")[(2, 5, 7).index(citizen.step - 1)]
            typed = {"agua": said["A13"], "razón": said["A16"]}.get(text, text)
            self.act(citizen, lambda: person.say(typed))
            return
        question = step[:3]
        payload = step if len(step) > 4 else f"{question}:{said[question]}"
        self.act(citizen, lambda: person.press(payload, message))
        if question in ("A10", "A22"):
            done = lambda: self.act(citizen, lambda: self.finish(person, question, message))  # noqa: E731
            self.plan(self.now() + 1.5, done)
        elif self.rng.random() < TWICE:
            self.plan(self.now() + 0.2, lambda: person.press(payload, message))

    def finish(self, person: Person, question: str, message: Message) -> None:
        """Press "done" on the marks, which an edit may not have brought yet."""
        person.press(f"{question}:!ok", message, is_there=False)


def _swap_last_two(bot: Bot) -> None:
    """The platform puts two people's updates in its queue in the other order."""
    first, second = ([None, None, *bot.pending])[-2:]
    if first is None or second is None or first.chat_id == second.chat_id:
        return  # the platform keeps the order of one person's presses
    if first.handed or first.pushed:
        return
    bodies = [json.loads(second.body), json.loads(first.body)]
    first.chat_id, second.chat_id = second.chat_id, first.chat_id
    for update, body in zip((first, second), bodies, strict=True):
        update.body = json.dumps({**body, "update_id": update.update_id}).encode()


@dataclass(slots=True)
class City:
    """The process that is killed and started again."""

    folder: Path
    api: str
    clock: FastClock
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with the clock of everybody."""
        given = (str(self.folder), self.api, TOKEN, str(self.clock.start))
        timing = (repr(self.clock.zero), repr(self.clock.speed))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.telegram_city", *given, *timing]
        )

    def stop(self, how: signal.Signals) -> None:
        """End it, kindly or not."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait()


Spans = list[tuple[float, float]]


def faults(crowd: Crowd, city: City, api: BotApi, people: int, until: Any) -> Spans:
    """Let things go wrong as the crowd gets on; returns when they did."""
    happened = []
    for number, what in enumerate(FAULTS, start=1):
        while crowd.finished < people * number / (len(FAULTS) + 1) and not until():
            time.sleep(0.05)
        began = crowd.now()
        if what == "kill":
            city.stop(signal.SIGKILL)
            time.sleep(20 / city.clock.speed)
            city.start()
        elif what == "storm":
            api.weather.throttled, api.weather.retry_after = 60, 4
        else:
            api.weather.is_down = True
            time.sleep(60 / city.clock.speed)
            api.weather.is_down = False
        happened.append((began, crowd.now() + 60))
        print(f"  {what} at {crowd.finished:,} people", flush=True)
    return happened


def wrong_answers(folder: Path, crowd: Crowd) -> tuple[int, int, int]:
    """(answers that are missing or other, people counted twice, revisions nobody made)."""
    database = sqlite3.connect(folder / "tertulia.db")
    rows = database.execute(
        "SELECT a.participant, a.question, a.value, a.revision "
        "FROM answer a JOIN current_answer c "
        "USING (bucket, participant, consultation, wave, question, loop, revision) "
        "WHERE a.kind = 'given'"
    ).fetchall()
    found: dict[int, dict[str, str]] = {}
    revised = 0
    for participant, question, value, revision in rows:
        found.setdefault(participant, {})[question] = value
        revised += revision > 0
    by_text = {answers.get("A13"): answers for answers in found.values()}
    wrong = sum(
        by_text.get(c.said["A13"], {}).get(question) != value
        for c in crowd.citizens.values()
        for question, value in c.said.items()
    )
    return wrong, len(found) - len(by_text), revised


def report(crowd: Crowd, api: BotApi, folder: Path, bad: Spans) -> bool:
    """Print what was measured; returns whether every promise held."""

    def is_calm(at: float) -> bool:
        return not any(begin <= at <= end for begin, end in bad)

    citizens = list(crowd.citizens.values())
    rush_from = sorted(c.waits[0][0] for c in citizens if c.waits)[int(0.4 * len(citizens))]
    waits = [(acted, heard - acted) for c in citizens for acted, heard in c.waits]
    calm = [wait for acted, wait in waits if is_calm(acted) and acted < rush_from]
    for name, data in (("before the rush", calm), ("in all", [wait for _, wait in waits])):
        p95 = statistics.quantiles(data, n=20)[18]
        print(f"reply time {name}: p50 {statistics.median(data):.2f} s, p95 {p95:.2f} s")
    minutes = Counter(int(at // 60) for at in crowd.sent_at if is_calm(at))
    busiest = [n for _, n in minutes.most_common(max(1, len(minutes) // 4))]
    over = len(crowd.bot.pace.violations)
    use = statistics.mean(busiest) / 60 / 30
    print(f"busiest quarter of the minutes: {use:.1%} of 30 a second; over the pace: {over}")
    again = sum(c.repeats for c in citizens)
    print(f"messages sent {len(crowd.sent_at):,}, of them again after a kill {again}")
    wrong, doubled, revised = wrong_answers(folder, crowd)
    print(f"people who finished: {crowd.finished:,} of {len(citizens):,}")
    print(f"answers lost or other: {wrong}; people doubled: {doubled}; revised: {revised}")
    refused = Counter(c.refusal.description for c in api.refused() if c.refusal)
    print(f"calls refused: {dict(refused)}")
    return not (wrong or doubled or revised or over) and crowd.finished == len(citizens)


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--speed", type=float, default=5.0, help="how fast the clock runs")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "city"
        make_folder(folder)
        shutil.rmtree(folder / "keys")
        make_keys(folder, seed=b"load")
        old_button = load_folder(folder).main.word("BOTON_VIEJO", "es")
        clock = FastClock(NOW, time.monotonic(), args.speed)
        api = BotApi(now=lambda: clock.now() / 1e6, seed=args.seed)
        bot = api.add_bot(TOKEN, "villa_ribera_bot")
        with serving(api) as address:
            city = City(folder, address, clock)
            crowd = Crowd(bot, clock, args.people, args.seed)
            crowd.old_button = old_button
            city.start()
            last = crowd.arrive()
            limit = time.monotonic() + 3 * (last - crowd.now()) / args.speed + 120

            def is_over() -> bool:
                return crowd.finished == args.people or time.monotonic() > limit

            moving = threading.Thread(target=crowd.run, args=(is_over,), daemon=True)
            moving.start()
            bad = faults(crowd, city, api, args.people, is_over)
            while not is_over():
                time.sleep(0.2)
            time.sleep(40 / args.speed + 1)
            city.stop(signal.SIGTERM)
            return 0 if report(crowd, api, folder, bad) else 1


if __name__ == "__main__":
    sys.exit(main())
