"""A city with two waves, its people, and a clock that is set by hand."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from bot.app import Application
from bot.channels.loopback import Loopback
from bot.clock import ManualClock
from bot.delivery import Delivery
from bot.demo.crowd import Person
from bot.demo.speaking import next_body
from bot.errors import RecipientGone
from bot.instance import Folder, load_folder, make_folder, make_keys
from bot.publishing import publish_if_allowed
from bot.schedule import Schedule
from flows.inbound import Arrived, Body, Said
from flows.messages import Message
from flows.weeks import microseconds
from storage.turns import Committed

BOGOTA = ZoneInfo("America/Bogota")
DAY = 86_400_000_000
HOUR = 3_600_000_000
NEVER_S = 1e12
WAVES = (
    {"number": 1, "opens": "2027-02-01", "closes": "2027-02-10"},
    {
        "number": 2,
        "opens": "2027-03-08",
        "closes": "2027-03-18",
        "results_on": "2027-04-01",
        "reply_on": "2027-06-01",
    },
)
B_WAVES = "- {number: 1, opens: 2027-01-01, closes: 2028-11-01}\n"
LAUNCH = {"results_on": "2027-02-24", "reply_on": "2027-04-15"}


def at(text: str, zone: ZoneInfo = BOGOTA) -> int:
    """A moment on a clock: `2027-02-03 10:00`."""
    return microseconds(datetime.fromisoformat(text).replace(tzinfo=zone))


def make_city(folder: Path, waves: Iterable[dict[str, object]] = WAVES, **changes: object) -> Path:
    """A folder with these waves and these changes of city.yaml; keys from a seed."""
    make_folder(folder)
    shutil.rmtree(folder / "keys")
    make_keys(folder, seed=b"calendar")
    city = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8")) | changes
    (folder / "city.yaml").write_text(yaml.safe_dump(city, allow_unicode=True), encoding="utf-8")
    for name in ("A", "B"):
        file = folder / "consultations" / f"{name}.yaml"
        text = file.read_text(encoding="utf-8")
        for key, day in LAUNCH.items():
            text = re.sub(rf"(?m)^  {key}: .*$", f"  {key}: {day}", text)
        planned = yaml.safe_dump(list(waves)) if name == "A" else B_WAVES
        text = re.sub(r"(?<=^waves:\n)(?:- .*\n)+", planned, text, count=1, flags=re.MULTILINE)
        file.write_text(text, encoding="utf-8")
    return folder


class Phones(Loopback):
    """Loopback that writes down what reached whom and when; some have blocked the city."""

    def __init__(self, app: Application, name: str = "loopback") -> None:
        super().__init__(app.committer.submit)
        self.name = name
        self.clock = app.clock
        self.got: dict[str, list[tuple[int, Message]]] = defaultdict(list)
        self.blocked: set[str] = set()

    async def send(self, address: str, message: Message, message_id: int) -> None:
        if address in self.blocked:
            raise RecipientGone("blocked")
        self.got[address].append((self.clock.now(), message))

    def codes(self, address: str) -> list[str]:
        """The codes of everything that reached somebody."""
        return [message.code for _, message in self.got[address]]

    def unasked(self, address: str) -> list[str]:
        """The codes of the campaigns that reached somebody."""
        return [code for code in self.codes(address) if code in CAMPAIGNS]


CAMPAIGNS = ("INVITACION", "RECORDATORIO", "RECORDATORIO_INVITACION", "RESULTADOS_LISTOS")
WHOLE = {"A02": "PER", "A10": "AGU EMP", "A13": "agua", "A15": "4", "A01": "RES", "A07": "C01"}


class Town:
    """The application of a folder with its people and its clock; started by hand."""

    def __init__(self, folder: Path | Folder, now: str | int) -> None:
        self.clock = ManualClock(at(now) if isinstance(now, str) else now)
        loaded = folder if isinstance(folder, Folder) else load_folder(folder)
        self.app = Application(loaded, clock=self.clock, base_url="https://city.example")
        self.app.conversation.has_results = True
        self.phones = Phones(self.app)
        self.tablets = Phones(self.app, "telegram")
        self.app.loopback = self.phones
        self.app.channels = {"loopback": self.phones, "telegram": self.tablets}
        self.schedule = Schedule(self.app, publish_s=NEVER_S)
        self.schedule._next["publish"] = 2**62
        self.delivery = Delivery(
            self.app.database, self.app.keys, self.app.committer, self.app.channels, self.clock
        )
        self.delivery.is_silent = self.app.is_silent

    async def start(self) -> Town:
        """Start, with nothing sent by itself."""
        await self.app.start(delivers=False)
        return self

    async def say(
        self, who: str, body: Body | str, language: str = "es", on: Phones | None = None
    ) -> Committed:
        """One thing that somebody does now."""
        said = Said(text=body) if isinstance(body, str) else body
        channel = on or self.phones
        return await channel.say(who, said, at=self.clock.now(), language=language)

    async def publish(self) -> None:
        """Publish now what may be; the clock does it every minute, which takes a while."""
        now, app = self.clock.now(), self.app
        await app.committer.write(lambda c: publish_if_allowed(c, app.folder, now, app.lifted))

    async def answer(
        self,
        who: str,
        permissions: str = "RES OLA ENL",
        *,
        until: str = "",
        language: str = "es",
        **answers: str,
    ) -> Message:
        """Answer consultation A from its beginning, or up to a question; the last message."""
        given = {**WHOLE, **answers, "A22": permissions}
        person = Person(
            number=1,
            language=language,
            source="",
            begins=0,
            ending="complete",
            answers={name: tuple(codes.split()) for name, codes in given.items()},
        )
        committed = await self.say(who, Arrived(), language)
        pressed: dict[str, list[str]] = {}
        while True:
            self.clock.at += 1_000_000
            message = committed.messages[0]
            body = None if message.code == until else next_body(person, message, pressed)
            if body is None:
                return message
            committed = await self.say(who, body, language)

    async def send(self) -> None:
        """Deliver everything that may go now."""
        while await self.delivery.drain():
            pass

    async def tick(self) -> None:
        """One tick of the schedule, and what it causes."""
        await self.schedule.tick()
        await self.send()

    async def at(self, when: str, zone: ZoneInfo = BOGOTA) -> None:
        """Set the clock, and tick."""
        self.clock.at = at(when, zone)
        await self.tick()

    async def until(self, when: str | int, step: int = HOUR) -> None:
        """Let time pass, with a tick at every step."""
        end = at(when) if isinstance(when, str) else when
        while self.clock.at + step <= end:
            self.clock.at += step
            await self.tick()
        self.clock.at = end
        await self.tick()
