"""The officials' desk through the real python-telegram-bot, from the link to the revocation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bot.app import Application
from bot.channels.telegram.service import TelegramService
from bot.clock import FastClock
from bot.commands.officials import work
from bot.credentials import DeskAccess, TelegramAccess
from bot.desk.service import DeskService
from bot.desk.words import word
from flows.weeks import microseconds, moment
from storage.officials import list_audit
from tests.support.telegram import Bot, BotApi, Message, Person, serving
from tests.telegram.town import TOKEN, make_city

DESK_TOKEN = "5550002:CANARY-TOKEN-of-the-officials"
CODE = "a-code-for-one-person"
TUESDAY = "2026-11-24T10:00:00-05:00"
MONDAY = "2026-11-30T07:59:00-05:00"


@dataclass(slots=True)
class Office:
    """A city with both bots on the loopback."""

    app: Application
    api: BotApi
    bot: Bot
    citizens: Bot
    desk: DeskService
    telegram: TelegramService

    def person(self, number: int, language: str = "es") -> Person:
        return Person(self.bot, number, language=language)

    async def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.said()
            await asyncio.sleep(0.01)

    def said(self) -> list[str]:
        return [m.text for c in self.bot.chats.values() for m in c.messages.values()]

    async def ask(self, person: Person, text: str, answers: int = 1) -> list[str]:
        """Say something and wait for so many messages."""
        before = len(person.received)
        person.say(text)
        await self.until(lambda: len(person.received) >= before + answers)
        return [m.text for m in person.received[before:]]

    async def press(self, person: Person, data: str, message: Message | None = None) -> str:
        before = len(person.received)
        person.press(data, message)
        await self.until(lambda: len(person.received) > before)
        return person.last.text

    async def enrol(self, person: Person, role: str, name: str = "Ana") -> str:
        code = f"{CODE}-{person.id}"
        await work(self.app, {"what": "invite", "name": name, "role": role, "code": code})
        (said, *_) = await self.ask(person, f"/start {code}")
        return said

    def audit(self) -> list[tuple[str, str]]:
        with self.app.database.reading() as connection:
            return [(actor, body) for _, actor, body in list_audit(connection)]


def at(iso: str) -> int:
    from datetime import datetime

    return microseconds(datetime.fromisoformat(iso))


@asynccontextmanager
async def office(folder: Path, start: str = TUESDAY, speed: float = 40.0) -> AsyncIterator[Office]:
    clock = FastClock(at(start), time.monotonic(), speed)
    api = BotApi(now=lambda: clock.now() / 1_000_000)
    bot, citizens = api.add_bot(DESK_TOKEN, "villa_mesa_bot"), api.add_bot(TOKEN, "villa_bot")
    with serving(api) as address:
        app = Application.at(folder, clock=clock, base_url="https://made-up.example")
        telegram = TelegramService(app, TelegramAccess(token=TOKEN, api=address), poll_s=1)
        desk = DeskService(
            app,
            DeskAccess(token=DESK_TOKEN, api=address),
            citizens_bot=lambda: telegram.name,
            tick_s=0.05,
            poll_s=1,
        )
        await app.start()
        telegram.start()
        desk.start()
        try:
            yield Office(app, api, bot, citizens, desk, telegram)
        finally:
            await desk.stop()
            await telegram.stop()
            await app.stop()
            await telegram.close()


async def answer_as(city: Office, number: int, *lines: str) -> Person:
    """A citizen who answers on the citizens' bot; what has a colon is pressed."""
    person = Person(city.citizens, number)
    person.start()
    await city.until(lambda: bool(person.received))
    for line in lines:
        before = len(person.received)
        if ":" in line:  # marks come as an edit, some time after the press
            await city.until(lambda data=line: data in person.payloads)  # type: ignore[misc]
            person.press(line)
        else:
            person.say(line)
        if line in ("A10:AGU", "A22:RES"):  # marks are edits of the same message
            await asyncio.sleep(0.1)
        else:
            await city.until(lambda b=before: len(person.received) > b)  # type: ignore[misc]
    return person


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(make_city(tmp_path / "city")) as made:
        yield made
        assert [c for c in made.api.refused() if "too old" not in str(c.refusal)] == []
        assert made.bot.pace.violations == []


async def test_a_stranger_gets_one_polite_sentence_and_nothing_else(city: Office) -> None:
    stranger = city.person(1, "fr")
    said = await city.ask(stranger, "/resumen")
    assert said == [word("stranger", "fr")]
    for text in ("/cobertura", "HOLA", "/responder AGU", "/start nonsense"):
        stranger.say(text)
    await city.until(lambda: not city.bot.pending)
    await asyncio.sleep(0.1)
    assert len(stranger.received) == 1


async def test_a_link_enrols_one_person_once(city: Office) -> None:
    ana, other = city.person(1), city.person(2)
    said = await city.enrol(ana, "analyst")
    assert "Ana. Su papel: análisis" in said
    assert await city.ask(other, f"/start {CODE}-1") == [word("link_over", "es")]
    assert [body for _, body in city.audit()] == [
        '{"did":"invited","name":"Ana","role":"analyst"}',
        '{"did":"enrolled","role":"analyst"}',
    ]


async def test_a_link_is_over_after_ten_minutes(tmp_path: Path) -> None:
    async with office(make_city(tmp_path / "city"), speed=6000.0) as city:
        await work(city.app, {"what": "invite", "name": "Ana", "role": "viewer", "code": CODE})
        await asyncio.sleep(0.2)  # twenty minutes here
        ana = city.person(1)
        assert await city.ask(ana, f"/start {CODE}") == [word("link_over", "es")]


async def test_the_week_is_pulled_as_picture_text_and_page(city: Office) -> None:
    ana = city.person(1)
    await city.enrol(ana, "analyst")
    caption, _ = await city.ask(ana, "/resumen", 2)
    picture, page = ana.received[-2:]
    assert picture.content is not None
    assert picture.content.startswith(b"\x89PNG")
    assert page.content is not None
    assert page.content.startswith(b"%PDF")
    assert "Prioridades de Villa Ribera" in caption
    assert len(caption) <= 1000
    assert page.value["document"]["file_name"] == "A-2026-W48.pdf"  # nothing before it
    (wrong,) = await city.ask(ana, "/resumen 99")
    assert wrong.startswith("«99» no es una semana")
    assert ("Ana", '{"did":"read_week"}') in city.audit()


async def test_roles_are_held(city: Office) -> None:
    eva = city.person(3)
    await city.enrol(eva, "viewer", "Eva")
    for text in ("/cobertura", "/alertas", "/responder AGU"):
        assert await city.ask(eva, text) == [word("not_your_role", "es", role="lectura")]


async def test_coverage_comes_with_invitations_that_count(city: Office) -> None:
    ana = city.person(1, "pt")
    await city.until(lambda: bool(city.telegram.name))
    await city.enrol(ana, "analyst")
    head, *invitations = await city.ask(ana, "/cobertura", 8)
    assert "Copie e envie cada convite" in head
    assert all("https://t.me/villa_bot?start=cobertura-S" in text for text in invitations)
    assert (await city.ask(ana, "/alertas")) == ["Nada pede atenção agora."]


async def test_a_reply_is_walked_through_and_reaches_who_raised_the_theme(city: Office) -> None:
    citizen = await answer_as(
        city, 77, "A00:SI", "A02:PER", "SALTAR", "A10:AGU", "A10:!ok", "SALTAR",
        "A01:RES", "SALTAR", "A22:RES", "A22:!ok",
    )  # fmt: skip
    sara = city.person(5)
    await city.enrol(sara, "moderator", "Sara")
    assert "¿qué decidió la ciudad?" in (await city.ask(sara, "/responder AGU"))[0]
    assert "Escriba la razón" in await city.press(sara, "state:not_accepted")
    for nothing in ("no", "…", "porque sí"):
        assert "Eso no es una razón" in (await city.ask(sara, nothing))[0]
    assert (
        "dependencia" in (await city.ask(sara, "El presupuesto de 2027 ya está comprometido."))[0]
    )
    assert "31/03/2027" in (await city.ask(sara, "Secretaría de Hábitat"))[0]
    assert "no es una fecha" in (await city.ask(sara, "pronto"))[0]
    preview = (await city.ask(sara, "31/03/2027"))[0]
    assert "1 personas" in preview
    assert "comprometido" in preview
    before = len(citizen.received)
    assert await city.press(sara, "send:yes") == "Enviada a 1 personas. Quedó en el registro."
    await city.until(lambda: len(citizen.received) > before)
    assert "Razón: El presupuesto de 2027 ya está comprometido." in citizen.last.text
    assert "Fecha: 31 de marzo de 2027" in citizen.last.text
    assert "Secretaría de Hábitat" in citizen.last.text
    card = next(m for m in sara.received if m.text == preview)
    old = await city.press(sara, "send:yes", card)
    assert "Eso ya terminó" in old


async def test_a_walk_can_be_cancelled(city: Office) -> None:
    sara = city.person(5)
    await city.enrol(sara, "moderator", "Sara")
    await city.ask(sara, "/responder")
    await city.press(sara, "theme:AGU")
    assert await city.ask(sara, "/cancelar") == ["No se envió nada."]


async def test_a_revocation_holds_at_once(city: Office) -> None:
    ana = city.person(1)
    await city.enrol(ana, "moderator")
    assert await work(city.app, {"what": "revoke", "name": "Ana"}) == "Ana: revoked (1)."
    (said,) = await city.ask(ana, "/resumen")
    assert said.startswith("Este chat es sólo para el equipo")
    assert ("cli", '{"did":"revoked","n":1,"name":"Ana"}') in city.audit()


@pytest.mark.slow
async def test_monday_at_eight_once_even_after_a_restart(tmp_path: Path) -> None:
    folder = make_city(tmp_path / "city")
    async with office(folder, start="2026-11-29T20:00:00-05:00", speed=40.0) as city:
        ana, eva = city.person(1), city.person(2)
        await city.enrol(ana, "analyst")
        await city.enrol(eva, "viewer", "Eva")
        await asyncio.sleep(0.3)
        assert len(ana.received) == len(eva.received) == 1  # it is still Sunday evening
    later = ("2026-11-30T15:00:00-05:00", "2026-12-01T09:00:00-05:00")
    for start, expected in ((MONDAY, 2), *((day, 0) for day in later)):
        async with office(folder, start=start, speed=60.0) as city:
            ana, eva = city.person(1), city.person(2)
            for person in (ana, eva):
                city.bot.know(person.chat)
            await city.until(lambda c=city, e=expected: not e or len(c.bot.chats[2].messages) == e)
            await asyncio.sleep(0.4)
            assert [len(ana.received), len(eva.received)] == [expected, expected]
            if expected:
                assert ana.received[1].value["document"]["file_name"] == "A-2026-W48.pdf"
                sent = moment(
                    int(ana.received[0].value["date"] * 1e6),
                    city.app.folder.instance.city.time_zone,
                )
                assert (
                    sent.strftime("%a %H:%M") >= "Mon 08:00"
                )  # how long after is the machine's affair


async def test_two_processes_push_once(city: Office) -> None:
    ana = city.person(1)
    await city.enrol(ana, "analyst")
    before = len(ana.received)
    first, second = await asyncio.gather(
        city.desk.pushing._once("week/A/x", partial(city.desk.post.text, 1, "one")),
        city.desk.pushing._once("week/A/x", partial(city.desk.post.text, 1, "one")),
    )
    assert first + second == 1
    assert len(ana.received) == before + 1
