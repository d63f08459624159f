"""Two waves of a consultation on virtual time, with people who live by six cities' clocks.

Shared by a small test and by `make calendar`. People answer, leave off, come back on a reminder
or an invitation, say BASTA, block the city; invitations, reminders and results go by the real
schedule and the real delivery, through the loopback channel. Afterwards every message is judged
on the receiver's own clock.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select

from bot.app import Application
from bot.commands import invite
from bot.demo.crowd import Person, make_crowd
from bot.demo.speaking import next_body
from bot.instance import CATALOGUE
from bot.summaries import Asked, summary
from flows.inbound import Arrived, Body, Pressed, Said
from flows.messages import Message
from flows.weeks import moment, week_of
from storage import tables as t
from tests.calendar.town import CAMPAIGNS, DAY, HOUR, Town, at, make_city

HOMES = {
    "CO": ("America/Bogota", "es"),
    "ES": ("Europe/Madrid", "es"),
    "US": ("America/New_York", "en"),
    "BR": ("America/Sao_Paulo", "pt"),
    "FR": ("Europe/Paris", "fr"),
    "NZ": ("Pacific/Auckland", "en"),
}
"""Six cities; between March and April four of their clocks change."""
SEALED = {"contact_point", "contact_answer"}
"""Encrypted with a fresh nonce each time: equal only after decryption."""
MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """How long everything takes, in days: the waves, what is between and after them."""

    wave: int = 21
    between: int = 25
    results: int = 14
    step: int = HOUR

    @property
    def opens(self) -> tuple[date, date]:
        """When the two waves open."""
        first = date(2027, 1, 18)
        return first, first + timedelta(days=self.wave + self.between)


@dataclass(slots=True)
class Life:
    """One made-up person over both waves; `country` is where they live, whatever they say."""

    address: str
    country: str
    person: Person
    rng: random.Random
    pressed: dict[str, list[str]] = field(default_factory=dict)
    said_basta_at: int | None = None


@dataclass(slots=True)
class Ran:
    """What a run came to."""

    digest: str
    counts: Counter[str]
    wrong: list[str]
    panel: list[dict[str, Any]]


class Run:
    """One run. The order of everything follows from the seed and from the virtual clock."""

    def __init__(self, folder: Path, *, people: int, seed: int, years: Years) -> None:
        self.years = years
        first, second = years.opens
        self.first = at(f"{first} 00:00")
        self.second = at(f"{second} 00:00")
        silence = second + timedelta(days=years.wave // 2)
        self.town = Town(_folder(folder, years, silence), self.first - HOUR)
        self.counts: Counter[str] = Counter()
        self.lives = _lives(self.town.app, people, seed, self.first, years)
        self._queue: list[tuple[int, int, str, Body]] = []
        self._number = 0
        self._read: dict[str, int] = defaultdict(int)

    async def go(self) -> Ran:
        """Both waves, and the results of both."""
        town, years = self.town, self.years
        await town.start()
        for life in self.lives.values():
            if life.rng.random() < 0.02:
                town.phones.blocked.add(life.address)
            self._plan(life.person.begins, life, Arrived(source=life.person.source))
        closes = self.second + years.wave * DAY
        next_publication = self.first + 3 * DAY
        is_invited = False
        while town.clock.at < closes + (years.results + 3) * DAY:
            await self._speak()
            if town.clock.at >= next_publication:
                await town.publish()
                next_publication += 7 * DAY
            if not is_invited and town.clock.at >= self.second + 10 * HOUR:
                is_invited = True
                await self._invite()
            await town.tick()
            self._react()
            town.clock.at += years.step
        made = await self._end()
        await town.app.stop()
        return made

    def _plan(self, when: int, life: Life, body: Body) -> None:
        self._number += 1
        heapq.heappush(self._queue, (when, self._number, life.address, body))

    async def _speak(self) -> None:
        """Everybody whose moment has come, each conversation to its end, all side by side."""
        now = self.town.clock.at
        talking: list[tuple[Life, Body]] = []
        while self._queue and self._queue[0][0] <= now:
            _, _, address, body = heapq.heappop(self._queue)
            talking.append((self.lives[address], body))
        while talking:
            said = await asyncio.gather(*(self._say(life, body) for life, body in talking))
            going = zip(talking, said, strict=True)
            talking = [(life, body) for (life, _), body in going if body is not None]

    async def _say(self, life: Life, body: Body) -> Body | None:
        """Say one thing; what the person says next, or None."""
        language = f"{life.person.language}-{life.country}"
        committed = await self.town.say(life.address, body, language)
        self.counts["turns"] += 1
        if not committed.messages:
            return None
        message = committed.messages[0]
        self.counts["told CERRADA"] += message.code == "CERRADA"
        if message.code == "A00":
            life.pressed = {}
        return next_body(life.person, message, life.pressed)

    async def _invite(self) -> None:
        """What `tertulia invite --wave 2` does, batch after batch."""
        given = {"consultation": "A", "wave": 2, "name": "run", "after": None}
        while True:
            said = json.loads(await invite.work(self.town.app, given))
            given["after"] = said["after"]
            if said["after"] is None:
                break

    def _react(self) -> None:
        """On a message that came unasked people go on, begin, refuse, or do nothing."""
        for address, got in self.town.phones.got.items():
            for when, message in got[self._read[address] :]:
                if message.code in CAMPAIGNS:
                    self._react_to(self.lives[address], when, message)
            self._read[address] = len(got)

    def _react_to(self, life: Life, when: int, message: Message) -> None:
        self.counts[message.code] += 1
        soon = when + life.rng.randint(1, 600) * MINUTE
        drawn = life.rng.random()
        if drawn < 0.04:
            life.said_basta_at = soon
            self._plan(soon, life, Said(text="BASTA"))
        elif message.replies and drawn < 0.5:
            life.person = _finishing(life.person)
            self._plan(soon, life, Pressed(payload=message.replies[0].payload))

    async def _end(self) -> Ran:
        now, app = self.town.clock.at, self.town.app
        with app.database.reading() as connection:
            made = summary(connection, app.folder, Asked(week=week_of(now, _home("CO"))), now)
            rows = {
                name: sorted(map(repr, connection.execute(select(table))))
                for name, table in t.metadata.tables.items()
                if name not in SEALED
            }
        self.counts["people"] = len(self.lives)
        self.counts["said BASTA"] = sum(
            life.said_basta_at is not None for life in self.lives.values()
        )
        for one in made["participation"]["waves"]:
            self.counts[f"valid in wave {one['wave']}"] = one["valid"]
        wrong = [fault for life in self.lives.values() for fault in self._judge(life)]
        panel = [change["panel"] for change in made["changes"] if change["panel"]]
        told = sha256(repr((sorted(rows.items()), sorted(self._told()))).encode()).hexdigest()
        return Ran(digest=told, counts=self.counts, wrong=wrong, panel=panel)

    def _told(self) -> list[tuple[str, int, str]]:
        """Everything that reached anybody, and when."""
        got = self.town.phones.got
        return [(who, when, m.text) for who, listed in got.items() for when, m in listed]

    def _judge(self, life: Life) -> list[str]:
        """What was wrong with the messages that came to somebody unasked."""
        zone, calm = _home(life.country), self.town.app.folder.instance.city.calm()
        wrong, seen = [], Counter[tuple[str, int]]()
        for when, message in self.town.phones.got[life.address]:
            if message.code not in CAMPAIGNS:
                continue
            local = moment(when, zone)
            is_second = when >= self.second and message.code != "RESULTADOS_LISTOS"
            seen[message.code[:6], 2 if is_second else 1] += 1
            if not time(8) <= local.time() < time(21):
                wrong.append(f"at night: {life.country} {local.isoformat()}")
            if calm.is_quiet(local.date()):
                wrong.append(f"on a quiet day: {life.country} {local.isoformat()}")
            if calm.silent_until(when):
                wrong.append(f"in a silence: {local.isoformat()}")
            if life.said_basta_at is not None and when > life.said_basta_at + self.years.step:
                wrong.append(f"after BASTA: {message.code}")
        wrong += [f"{n} times {code}" for (code, _), n in seen.items() if n > _most(code)]
        return wrong


def _most(code: str) -> int:
    """An invitation once; two reminders a wave; the results of both waves."""
    return {"INVITA": 1}.get(code, 2)


def _home(country: str) -> ZoneInfo:
    return ZoneInfo(HOMES[country][0])


def _finishing(person: Person) -> Person:
    return Person(
        number=person.number,
        language=person.language,
        source="",
        begins=0,
        ending="complete",
        answers={**person.answers, "A15": (str(1 + person.number % 5),)},
    )


def _folder(folder: Path, years: Years, silence: date) -> Path:
    first, second = years.opens
    length, results = timedelta(days=years.wave - 1), timedelta(days=years.results)
    waves: list[dict[str, object]] = []
    for number, opens in ((1, first), (2, second)):
        closes = opens + length
        waves.append(
            {
                "number": number,
                "opens": str(opens),
                "closes": str(closes),
                "results_on": str(closes + results),
                "reply_on": str(closes + results + timedelta(days=60)),
            }
        )
    last = silence + timedelta(days=2)
    period = {"from": str(silence), "to": str(last), "reason": "elections"}
    return make_city(
        folder, waves, silence_periods=[period], quiet_days=["sunday"], reminders=[2, 3]
    )


def _lives(app: Application, people: int, seed: int, first: int, years: Years) -> dict[str, Life]:
    """The demo's crowd, spread over six cities; some begin a little too late."""
    voices = yaml.load(
        (CATALOGUE.parent / "demo" / "voices.yaml").read_text(encoding="utf-8"),
        Loader=yaml.CSafeLoader,
    )
    instance = app.folder.instance
    crowd = make_crowd(
        people=people,
        seed=seed,
        weeks=[first],
        voices=voices,
        tags={theme.code: "water" for theme in instance.plan.themes},
        areas=[area.code for area in instance.areas],
    )
    rng = random.Random(seed)
    lives = {}
    for person in crowd[:people]:
        country = rng.choice(list(HOMES))
        begins = first + rng.randrange((years.wave * 24 + 12) * 60) * MINUTE
        address = f"p{person.number}"
        lives[address] = Life(
            address=address,
            country=country,
            person=_living_in(person, country, begins),
            rng=random.Random(rng.random()),
        )
    return lives


def _living_in(person: Person, country: str, begins: int) -> Person:
    """The same person, at home in a country and speaking its language."""
    tie = {"A02": ("PER",), "A01": ("RES",), "A07": ("C01",)}
    if country != "CO":
        tie = {"A02": ("PER",), "A01": ("EXT",), "A05": (country,)}
    kept = {
        k: v for k, v in person.answers.items() if k not in ("A01", "A03", "A04", "A05", "A07")
    }
    return Person(
        number=person.number,
        language=HOMES[country][1],
        source=person.source,
        begins=begins,
        ending=person.ending,
        answers={**kept, **tie},
        goes_on=False,
    )


async def run(folder: Path, *, people: int, seed: int, years: Years | None = None) -> Ran:
    """One run in a new folder."""
    return await Run(folder, people=people, seed=seed, years=years or Years()).go()
