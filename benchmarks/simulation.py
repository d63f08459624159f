"""Seven days of a made-up city on virtual time: outages, storms, kills, clocks set wrong.

`python -m benchmarks.simulation --seeds 1000`. A seed decides everything; the same seed must
give the same digest of the records. After the seven days nothing may be lost, wrong or unsent,
no pace broken, and `verify` content.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import bot.delivery
from benchmarks.virtual import (
    SECOND,
    StillDatabase,
    VirtualClock,
    VirtualLoop,
    fresh_records,
    still_city,
)
from bot.app import Application
from bot.channels.base import CAPABILITIES
from bot.errors import Throttled, Unavailable
from bot.instance import Folder, load_folder, make_folder, make_keys
from flows.events import AnswerCleared, AnswerRecorded, QuestionSkipped
from flows.inbound import Arrived, Body, Envelope, Inbound, Pressed, Said
from flows.messages import Message
from flows.replaying import place_of
from flows.session import Session
from storage import tables as t
from storage.errors import StorageError
from storage.turns import TurnIds
from storage.verifying import verify
from tests.support.cities import NOW

HOUR = 3600.0
DAY = 24 * HOUR
SKEWS = (-3600, 3600, 86_400, 0, 0)
"""Seconds that somebody sets the city's clock wrong by; 0 puts it right."""
TYPED = ("1", "2 1", "SALTAR", "agua", "ATRÁS", "no sé", "4", "3")
PACES = {"telegram": (30.0, 1.0), "whatsapp": (80.0, 6.0), "web": (0.0, 0.0)}
SEALED = ("contact_point", "contact_answer")


@dataclass(slots=True)
class Weather:
    """What is wrong with a channel, until when (seconds of virtual time)."""

    down_until: float = 0.0
    storm_until: float = 0.0
    refused_until: float = 0.0


class Sky:
    """One platform: takes messages at its pace, or refuses; judges the city's manners."""

    def __init__(self, name: str, clock: VirtualClock, rng: random.Random) -> None:
        self.name, self.clock, self.rng = name, clock, rng
        self.capabilities = CAPABILITIES[name]
        self.per_second, self.per_person_seconds = PACES[name]
        self.weather = Weather()
        self.rude = 0
        self.heard: dict[str, list[Message]] = defaultdict(list)
        self.copies: Counter[int] = Counter()
        self.bell: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._taken_at: dict[str, float] = {}

    def split(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        now = self.clock.loop.time()
        weather = self.weather
        if now < weather.down_until:
            raise Unavailable("The platform is away.")
        if now < weather.storm_until:
            self.rude += now < weather.refused_until - 0.01
            weather.refused_until = now + 20.0
            raise Throttled(20.0)
        soon = self._taken_at.get(address, -9.0) + self.per_person_seconds
        self.rude += now < soon - 0.01
        await asyncio.sleep(self.rng.uniform(0.02, 0.4))
        self._taken_at[address] = self.clock.loop.time()
        self.copies[message_id] += 1
        self.heard[address].append(message)
        self.bell[address].set()


@dataclass(slots=True)
class Person:
    """One person, and everything of theirs that was acknowledged, in that order."""

    channel: str
    address: str
    taken: list[Envelope] = field(default_factory=list)
    sent: int = 0


class Week:
    """One simulated week."""

    def __init__(self, folder: Folder, seed: int, loop: VirtualLoop, days: int) -> None:
        self.days = days
        self.rng = random.Random(seed)
        self.folder, self.loop = folder, loop
        self.clock = VirtualClock(loop, NOW)
        self.records: StillDatabase = fresh_records()
        self.skies = {name: Sky(name, self.clock, self.rng) for name in PACES}
        self.people = [Person(self.rng.choice(sorted(PACES)), f"{number}") for number in range(9)]
        self.crashes = 0
        self.app: Application | None = None

    async def run(self) -> None:
        """Seven days, and then a calm one in which everything comes to its end."""
        await self._start()
        talks = [asyncio.create_task(self._talk(person)) for person in self.people]
        trouble = asyncio.create_task(self._trouble())
        await asyncio.gather(*talks)
        trouble.cancel()
        self.clock.skew = 0
        for sky in self.skies.values():
            sky.weather = Weather()
        await asyncio.sleep(30 * HOUR)
        await self._stop()

    async def _start(self) -> None:
        self.app = still_city(self.folder, self.clock, self.records)
        self.app.channels.update(self.skies)
        await self.app.start()

    async def _stop(self) -> None:
        assert self.app is not None
        assert self.app.delivery is not None
        await self.app.delivery.stop()
        self.app = None

    def _crash(self) -> None:
        """Everything that runs in the city's process is gone; what was committed stays."""
        assert self.app is not None
        delivery = self.app.delivery
        assert delivery is not None
        for task in (delivery._task, *sorted(delivery._sending, key=lambda x: x.get_name())):
            if task is not None:
                task.cancel()
        self.app.committer._queue.clear()
        self.app.committer._stopping = True
        self.app = None
        self.crashes += 1

    async def _trouble(self) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(1 / (5 * HOUR)))
            sky = self.skies[self.rng.choice(sorted(self.skies))]
            now, lasts = self.loop.time(), self.rng.uniform(60, 2 * HOUR)
            match self.rng.randrange(4):
                case 0:
                    sky.weather.down_until = now + lasts
                case 1:
                    sky.weather.storm_until = now + min(lasts, 600)
                case 2:
                    self.clock.skew = self.rng.choice(SKEWS) * SECOND
                case _:
                    self._crash()
                    await asyncio.sleep(self.rng.uniform(1, 120))
                    await self._start()

    async def _talk(self, person: Person) -> None:
        """Some days somebody writes, a little at a time; now and then twice in one breath."""
        sky = self.skies[person.channel]
        await asyncio.sleep(self.rng.uniform(0, self.days * DAY / 2))
        body: Body = Arrived(source="afiche")
        for _ in range(self.rng.randint(6, 6 + 3 * self.days)):
            heard = len(sky.heard[person.address])
            said = [body]
            if isinstance(body, Said) and self.rng.random() < 0.2:
                said.append(Said(text=self.rng.choice(TYPED)))
            await asyncio.gather(*(self._bring(person, one) for one in said))
            await self._hear(sky, person.address, heard)
            await asyncio.sleep(self.rng.expovariate(1 / HOUR))
            body = self._next(sky, person)

    async def _hear(self, sky: Sky, address: str, before: int) -> None:
        """Until something was heard, or for half a day."""
        bell = sky.bell[address]
        if len(sky.heard[address]) == before:
            bell.clear()
            try:
                await asyncio.wait_for(bell.wait(), 12 * HOUR)
            except TimeoutError:
                return

    def _next(self, sky: Sky, person: Person) -> Body:
        listed = sky.heard[person.address]
        replies = listed[-1].replies if listed else ()
        yes = [r for r in replies if r.payload == "A00:SI"]
        if replies and (yes or self.rng.random() < 0.6):
            return Pressed(payload=self.rng.choice(yes or replies).payload)
        return Said(text=self.rng.choice(TYPED))

    async def _bring(self, person: Person, body: Body) -> None:
        """The platform brings it until it is acknowledged, and sometimes once more."""
        person.sent += 1
        number, true = person.sent, self.clock.true()
        sent_at = true - true % SECOND
        is_press = isinstance(body, Pressed) or person.channel == "web"
        again = self.rng.random() < 0.2
        await asyncio.sleep(self.rng.uniform(0, 5))
        while True:
            received = self.clock.now()
            inbound = Inbound(
                channel=person.channel,
                body=body,
                sent_at=received if is_press else sent_at,
                order=(received, 0) if is_press else (sent_at, number),
            )
            envelope = Envelope(
                channel=person.channel,
                address=person.address,
                external_id=f"{person.address}/{number}",
                inbound=inbound,
                received_at=received,
            )
            outcome = await self._submit(envelope)
            if outcome == "duplicate" and not any(
                e.external_id == envelope.external_id for e in person.taken
            ):
                person.taken.append(envelope)  # it was taken in just before a crash
            if outcome in ("applied", "ignored", "quarantined"):
                person.taken.append(envelope)
            if outcome and not again:
                return
            again = again and not outcome
            await asyncio.sleep(self.rng.uniform(1, 60))

    async def _submit(self, envelope: Envelope) -> str:
        """How it ended; nothing when the city was down or died before it said so."""
        if self.app is None:
            return ""
        app = self.app
        try:
            waits = asyncio.ensure_future(app.committer.submit(envelope))
            done, _ = await asyncio.wait({waits}, timeout=30)
        except StorageError:
            return ""
        if not done:
            waits.cancel()
            return ""
        return waits.result().outcome if not waits.exception() else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What is left of a week. `digest` covers every table that is not encrypted anew."""

    digest: str
    problems: tuple[str, ...]
    turns: int
    crashes: int


def judge(week: Week) -> Found:
    """What is wrong after the week, if anything."""
    wrong = [f"{name} was written to too soon" for name, s in week.skies.items() if s.rude]
    with week.records.reading() as connection:
        keys = _keys(week)
        distinct = sum(len({e.external_id for e in p.taken}) for p in week.people)
        inbox = connection.scalar(select(func.count()).select_from(t.inbox))
        if inbox != distinct:
            wrong.append(f"{inbox} updates in the records, {distinct} were acknowledged")
        states = connection.execute(select(t.outbox.c.id, t.outbox.c.state)).all()
        wrong += [f"message {r.id} is {r.state}" for r in states if r.state != "sent"]
        heard = sum((sky.copies for sky in week.skies.values()), Counter())
        wrong += [f"message {r.id} was not heard" for r in states if not heard[r.id]]
        a = t.answer.c
        rows = connection.execute(
            select(a.participant, a.question, a.kind, a.value)
            .join(t.current_answer, t.IS_CURRENT)
            .where(a.kind != "cleared", a.consultation == "A")
        )
        standing: dict[int, dict[str, str]] = defaultdict(dict)
        for participant, question, kind, value in rows:
            standing[participant][question] = value if kind == "given" else "(skipped)"
        content = [
            sorted(map(repr, connection.execute(select(table))))
            for name, table in sorted(t.metadata.tables.items())
            if name not in SEALED
        ]
    for person in week.people:
        participant = int(keys.participant_id(person.channel, person.address))
        if standing[participant] != truth(week, person):
            wrong.append(f"{person.channel} {person.address}: other answers than were given")
    with week.records.reading() as connection:
        connection.exec_driver_sql("COMMIT")
        wrong += [f"{p.where}: {p.says}" for p in verify(connection, keys, NOW).problems]
    turns = sum(len(person.taken) for person in week.people)
    digest = sha256(repr(content).encode()).hexdigest()
    return Found(digest, tuple(wrong), turns, week.crashes)


def _keys(week: Week):  # type: ignore[no-untyped-def]
    from bot.instance import load_keys

    return load_keys(week.folder.path)


def truth(week: Week, person: Person) -> dict[str, str]:
    """What must stand: the pure engine over what was acknowledged, texts in their order."""
    from bot.conversation import Conversation

    keys = _keys(week)
    conversation = Conversation(week.folder, keys, "http://x")
    ordered: list[Envelope] = []
    for envelope in person.taken:
        inbound = envelope.inbound
        assert inbound is not None
        is_text = isinstance(inbound.body, Said | Arrived) and inbound.order[1] != 0
        past = [e.inbound for e in ordered if e.inbound is not None]
        ordered.insert(place_of(inbound, past) if is_text else len(ordered), envelope)
    session: Session | None = None
    standing: dict[str, str] = {}
    for envelope in ordered:
        assert envelope.inbound is not None
        ids = TurnIds(
            participant=keys.participant_id(person.channel, person.address),
            event=keys.event_id(envelope.channel, envelope.external_id),
            received_at=envelope.received_at,
        )
        turn = conversation.advance(session, envelope.inbound, ids)
        if turn.session.active == "A":
            for event in turn.events:
                match event:
                    case AnswerRecorded(question=question, values=values):
                        standing[question] = "|".join(values)
                    case QuestionSkipped(question=question):
                        standing[question] = "(skipped)"
                    case AnswerCleared(question=question):
                        standing.pop(question, None)
                    case _:
                        pass
        session = turn.session
    return standing


def _not_of_the_killed(loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """What waits in a process that was killed goes without a word."""
    if "was destroyed but it is pending" not in told["message"]:
        loop.default_exception_handler(told)


async def _let_go() -> None:
    """End what still waits: of processes that were killed, nobody ever will."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        if task is not None:
            task.cancel()
    await asyncio.wait_for(asyncio.gather(*left, return_exceptions=True), 60)


def simulate(folder: Folder, seed: int, days: int = 7) -> Found:
    """One week from one seed."""
    loop = VirtualLoop()
    loop.set_exception_handler(_not_of_the_killed)
    idle, bot.delivery.IDLE_S = bot.delivery.IDLE_S, 1200.0
    try:
        week = Week(folder, seed, loop, days)
        loop.run_until_complete(week.run())
        return judge(week)
    finally:
        loop.run_until_complete(_let_go())
        bot.delivery.IDLE_S = idle
        loop.close()


def made_folder(parent: Path) -> Folder:
    """A city whose keys are always the same."""
    import shutil

    make_folder(parent / "city")
    shutil.rmtree(parent / "city" / "keys")
    make_keys(parent / "city", seed=b"simulation")
    return load_folder(parent / "city")


def main() -> None:
    """Every seed once, every twentieth again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long")
    args = parser.parse_args()
    begun, done, turns, crashes, bad = time.monotonic(), 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as parent:
        folder = made_folder(Path(parent))
        for seed in range(args.first, args.first + args.seeds):
            found = simulate(folder, seed)
            done, turns, crashes = done + 1, turns + found.turns, crashes + found.crashes
            if seed % 20 == 0 and simulate(folder, seed).digest != found.digest:
                bad += 1
                print(f"\nseed {seed}: another digest the second time")
            for problem in found.problems:
                print(f"\nseed {seed}: {problem}")
            bad += bool(found.problems)
            print(f"\r{done} of {args.seeds} weeks", end="", flush=True)
            if time.monotonic() - begun > args.minutes * 60:
                break
    print(f"\r{done} weeks, {turns} turns, {crashes} kills: {bad} weeks with something wrong")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
