"""CASE-06 through both platforms' own edges: X and Y on Telegram, X, Y and Z on WhatsApp."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot.channels.telegram.service import TelegramService
from bot.credentials import TelegramAccess
from storage import tables as t
from tests.cases.test_case_06 import CASE, REST, START, City
from tests.support.telegram import BotApi
from tests.support.telegram import Person as Telegrammer
from tests.support.telegram import serving as serving_telegram
from tests.support.whatsapp import Person, text_of
from tests.telegram.town import TOKEN, make_city
from tests.whatsapp.town import Town, town

pytestmark = pytest.mark.slow

PRESS = re.compile(r"(A\d+|!\w+):")


@dataclass(slots=True)
class Heard:
    text: str


@dataclass(slots=True)
class Answer:
    """What came back, in the form that the case's city reads."""

    messages: list[Heard]


class Both(City):
    """The case's city, but every line goes through a platform and back."""

    def __init__(self, city: Town, telegram: TelegramService, api: BotApi) -> None:
        super().__init__(city.app)
        self.city, self.telegram, self.api = city, telegram, api
        self.people: dict[str, Any] = {}

    async def say(self, channel: str, address: str, line: str, copies: int = 1) -> list[Any]:
        self.city.clock.at += 1_000_000
        number = sum(address.encode())
        if channel == "telegram":
            heard = await self._on_telegram(number, line)
        else:
            heard = await self._on_whatsapp(number, line, copies)
        return [Answer(messages=[Heard(text=text) for text in heard[-1:]])]

    async def _on_telegram(self, number: int, line: str) -> list[str]:
        (bot,) = self.api.bots.values()
        person = self.people.setdefault(f"t{number}", Telegrammer(bot, number))
        before = len(person.received)
        if PRESS.match(line):
            shown = [m for m in person.received if _has(m, line)]
            person.press(line, shown[-1])
        else:
            person.say(line)
        for update in list(bot.pending):
            await self.telegram.edge.take(update.body)
        bot.pending.clear()
        await self.city.quiet()
        await self.telegram.edge.rest()
        return [m.text for m in person.received[before:]]

    async def _on_whatsapp(self, number: int, line: str, copies: int) -> list[str]:
        person = self.people.setdefault(f"w{number}", Person(self.city.api, number))
        before = len(person.received)
        person.press({"id": line, "title": "x"}) if PRESS.match(line) else person.say(line)
        for raw in self.city.api.bodies():
            for _ in range(copies):
                assert await self.city.post(raw) == 200
        await self.city.quiet()
        return [text_of(sent) for sent in person.received[before:]]


def _has(message: Any, data: str) -> bool:
    return any(b.get("callback_data") == data for row in message.keyboard for b in row)


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    folder = make_city(tmp_path / "city")
    text = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))
    text["k"] = {"public": 3, "internal": 3}
    (folder / "city.yaml").write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    api = BotApi()
    api.add_bot(TOKEN, "villa_ribera_bot")
    with serving_telegram(api) as address:
        made: list[TelegramService] = []

        def add(app: Any) -> None:
            made.append(TelegramService(app, TelegramAccess(token=TOKEN, api=address)))

        async with town(folder, before=add) as city:
            api.now = next(iter(api.bots.values())).now = lambda: city.clock.now() / 1_000_000
            next(iter(api.bots.values())).pace.now = api.now
            yield Both(city, made[0], api)
            await made[0].close()


async def test_case_06_holds_across_telegram_and_whatsapp(both: Both) -> None:
    done = await both.answers("telegram", "x", "2")
    receipt = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}", done.messages[0].text)
    assert receipt
    asked = await both.script("whatsapp", "+57x", f" {receipt[0].lower()} ")
    assert "Le preguntamos allí" in asked.messages[0].text
    joined = await both.script("telegram", "x", "!join:yes")
    assert "una sola persona" in joined.messages[0].text
    await both.change("whatsapp", "+57x", "A15", "4")
    old = await both.script("telegram", "x", "A15:2")
    assert old.messages[0].text.startswith("Esa pregunta ya fue respondida")
    await both.answers("telegram", "y", "5")
    await both.answers("whatsapp", "+57y", "5")
    await both.script("whatsapp", "+57z", *START)
    z = both.people[f"w{sum(b'+57z')}"]
    before = len(z.received)
    await both.say("whatsapp", "+57z", "A15:1", copies=3)
    assert len(z.received) == before + 1
    await both.script("whatsapp", "+57z", *REST)
    await assert_expected(both)


async def assert_expected(both: Both) -> None:
    found, expected = await both.summary(), CASE["expected"]
    assert found["states"]["valid"] == expected["participants"]
    support = next(q for q in found["questions"] if q["id"] == "A15")
    counted = {c["code"]: [c["n"], c["percent"]] for c in support["choices"] if c["n"]}
    assert counted == expected["A15"]
    with both.app.database.reading() as connection:
        channels = connection.scalars(select(t.response.c.channel)).all()
    assert {name: channels.count(name) for name in set(channels)} == expected["channels"]
    assert both.city.api.refused == []
    assert both.api.refused() == []
