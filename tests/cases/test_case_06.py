"""CASE-06: one person on two channels, repeated webhooks, old buttons; through the real path."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import select

from bot.app import Application
from bot.channels.webchat import WebChat
from bot.clock import ManualClock
from bot.instance import make_folder
from bot.summaries import Asked, summary
from bot.web.site import make_web
from flows.inbound import Body, Envelope, Inbound, Pressed, Said, Withdrew
from storage import tables as t
from storage.turns import Committed
from tests.support.cities import NOW, case

CASE = case("C06")
START: tuple[str, ...] = ("HOLA", "A00:SI", "A02:PER", "SALTAR", "A10:AGU", "A10:!ok")
REST: tuple[str, ...] = ("SALTAR", "A01:RES", "SALTAR", "A22:RES", "A22:!ok")


class City:
    def __init__(self, app: Application) -> None:
        self.app = app
        self._count = 0

    async def say(self, channel: str, address: str, line: str, copies: int = 1) -> list[Committed]:
        is_press = bool(re.match(r"(A\d+|!\w+):", line))
        return await self.send(
            channel, address, Pressed(payload=line) if is_press else Said(text=line), copies
        )

    async def send(
        self, channel: str, address: str, body: Body, copies: int = 1
    ) -> list[Committed]:
        self._count += 1
        assert isinstance(self.app.clock, ManualClock)
        self.app.clock.at += 1_000_000
        now = self.app.clock.now()
        envelope = Envelope(
            channel=channel,
            address=address,
            external_id=str(self._count),
            inbound=Inbound(channel=channel, body=body, sent_at=now, order=(now, self._count)),
            received_at=now,
        )
        return [await self.app.committer.submit(envelope) for _ in range(copies)]

    async def script(self, channel: str, address: str, *lines: str) -> Committed:
        for line in lines:
            (last, *_) = await self.say(channel, address, line)
        return last

    async def answers(self, channel: str, address: str, a15: str) -> Committed:
        return await self.script(channel, address, *START, f"A15:{a15}", *REST)

    async def change(self, channel: str, address: str, question: str, value: str) -> None:
        """Ask for one's answers and change one on the page behind the one-time link."""
        told = await self.script(channel, address, "MIS RESPUESTAS")
        token = told.messages[0].text.partition("/mis/")[2].split()[0].rstrip(".")
        web = make_web(self.app, WebChat(), None)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=web),
            base_url="https://city.example",
            headers={"origin": "https://city.example", "sec-fetch-site": "same-origin"},
        ) as page:
            opened = await page.post(f"/mis/{token}")
            key = re.search(r'name="key" value="([^"]+)"', opened.text)
            assert key, opened.text[:300]
            data = {"key": key[1], "question": question, f"value-{question}": value}
            assert (await page.post("/mis", data=data)).status_code == 200

    async def summary(self) -> dict[str, Any]:
        asked = Asked(view="internal", wave=1, week=self.app.week_of(self.app.clock.now()))
        return await self.app.database.read(
            lambda c: summary(c, self.app.folder, asked, self.app.clock.now())
        )

    def outbox(self, channel: str) -> list[bytes]:
        with self.app.database.reading() as connection:
            found = connection.scalars(
                select(t.outbox.c.message).where(t.outbox.c.channel == channel)
            )
            return list(found)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    folder = tmp_path / "city"
    make_folder(folder)
    text = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))
    text["k"] = {"public": 3, "internal": 3}
    (folder / "city.yaml").write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    app = Application.at(folder, clock=ManualClock(NOW), base_url="https://city.example")
    await app.start(delivers=False)
    yield City(app)
    await app.stop()


def receipt_in(committed: Committed) -> str:
    found = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}", committed.messages[0].text)
    assert found
    return found[0]


async def join(city: City) -> None:
    """X answers on Telegram, types the receipt on WhatsApp, and says yes on Telegram."""
    receipt = receipt_in(await city.answers("telegram", "x", "2"))
    asked = await city.script("whatsapp", "+57x", f" {receipt.lower()} ")
    assert "Le preguntamos allí" in asked.messages[0].text
    joined = await city.script("telegram", "x", "!join:yes")
    assert "una sola persona" in joined.messages[0].text


async def test_case_06(city: City) -> None:
    await join(city)
    await city.change("whatsapp", "+57x", "A15", "4")
    old = await city.script("telegram", "x", "A15:2")
    assert CASE["expected"]["old_button"] == "BOTON_VIEJO"
    assert old.messages[0].text.startswith("Esa pregunta ya fue respondida")
    await city.answers("telegram", "y", "5")
    await city.answers("whatsapp", "+57y", "5")
    await city.script("whatsapp", "+57z", *START)
    outcomes = await city.say("whatsapp", "+57z", "A15:1", copies=3)
    assert [o.outcome for o in outcomes] == ["applied", "duplicate", "duplicate"]
    assert sum(len(o.outbox_ids) for o in outcomes) == 1
    await city.script("whatsapp", "+57z", *REST)

    found, expected = await city.summary(), CASE["expected"]
    assert found["states"]["valid"] == expected["participants"]
    support = next(q for q in found["questions"] if q["id"] == "A15")
    assert {c["code"]: [c["n"], c["percent"]] for c in support["choices"] if c["n"]} == (
        expected["A15"]
    )
    with city.app.database.reading() as connection:
        rows = connection.execute(
            select(t.answer.c.revision, t.answer.c.value)
            .where(t.answer.c.question == "A15", t.answer.c.value.in_(["2", "4"]))
            .order_by(t.answer.c.revision)
        ).all()
        channels = connection.scalars(select(t.response.c.channel)).all()
    assert [tuple(row) for row in rows] == [(0, "2"), (expected["revisions_X"], "4")]
    assert {name: channels.count(name) for name in set(channels)} == expected["channels"]
    assert "NO_IDENTITY_CHECK" in found["notices"]

    assert isinstance(city.app.clock, ManualClock)
    city.app.clock.at += 365 * 86_400_000_000
    closed = await city.script("telegram", "x", "A15:1")
    assert closed.messages[0].code == expected["after_close"]


async def test_a_receipt_alone_opens_nothing(city: City) -> None:
    receipt = receipt_in(await city.answers("telegram", "x", "2"))
    await city.script("web", "thief", receipt)
    before = len(city.outbox("telegram"))
    await city.script("web", "thief", receipt)  # typed again at once: X is not asked again
    assert len(city.outbox("telegram")) == before
    told = await city.script("web", "thief", "MIS RESPUESTAS")
    assert "/mis/" not in told.messages[0].text
    refused = await city.script("telegram", "x", "!join:no")
    assert "Nadie vio sus respuestas" in refused.messages[0].text
    again = await city.script("telegram", "x", "!join:yes")  # the question is over
    assert again.messages[0].text.startswith("Esa pregunta ya fue respondida")
    with city.app.database.reading() as connection:
        assert connection.execute(select(t.participant_link)).all() == []


async def test_both_answered_the_later_counts_and_borrar_takes_both(city: City) -> None:
    await city.answers("whatsapp", "+57x", "1")
    await join(city)
    found = await city.summary()
    assert found["states"]["valid"] == 1
    await city.script("whatsapp", "+57x", "BORRAR", "!erase:yes")
    with city.app.database.reading() as connection:
        for table in (t.answer, t.response, t.permission):
            assert connection.execute(select(table)).all() == []
    assert (await city.summary())["states"]["withdrawn"] == 1


async def test_an_unknown_receipt_is_just_a_text(city: City) -> None:
    await city.script("telegram", "x", *START[:3])
    told = await city.script("telegram", "x", "K7M-2QX-9PR")
    assert told.messages[0].code == "A10"


async def test_withdrawing_on_the_page_after_joining_takes_both(city: City) -> None:
    await city.answers("whatsapp", "+57x", "1")
    await join(city)
    assert (await city.send("telegram", "x", Withdrew()))[0].outcome == "applied"
    with city.app.database.reading() as connection:
        assert connection.execute(select(t.answer)).all() == []
