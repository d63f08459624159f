"""Five people answer consultation A; every channel stores the same answers as the engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import Application
from bot.channels.console import Console
from bot.channels.loopback import Loopback
from bot.clock import ManualClock
from bot.instance import make_folder
from flows.inbound import Arrived, Said
from storage import tables as t
from tests.support.cities import NOW, Talker, bound

CORE = ("18+ y acepto", "{who}", "agua todos los días", "agua y saneamiento", "terminar",
        "en contra", "primero el acueducto")  # fmt: skip
PEOPLE: dict[str, tuple[str, ...]] = {
    "resident": ("por mí", "vivo aquí", "la ribera", "1 3", "ahora no"),
    "emigrant": ("por mí", "soy de aquí, vivo fuera", "francia", "1 3", "ahora no", "sí",
                 "1", "1 2", "terminar", "1", "todo es lejos", "una ciudad de montaña", "1 2",
                 "1", "alemania", "1", "ahora no"),
    "family abroad": ("por mí", "mi familia es de aquí", "estados unidos", "terminar", "ahora no",
                      "ahora no"),
    "organisation": ("una organización", "privado", "cámara o gremio", "el mirador", "1",
                     "terminar", "ahora no"),
    "visitor": ("por mí", "estoy de visita", "terminar", "ahora no"),
}  # fmt: skip


def lines(name: str) -> list[str]:
    who, *rest = PEOPLE[name]
    return [line.replace("{who}", who) for line in CORE] + list(rest)


def on_the_engine(name: str) -> dict[str, tuple[str, ...]]:
    talk = Talker(bound())
    talk(Arrived())
    recorded: dict[str, tuple[str, ...]] = {}
    for line in lines(name):
        talk(Said(text=line))
    for turn in talk.turns:
        for event in turn.events:
            if type(event).__name__ == "AnswerRecorded":
                recorded[event.question] = event.values  # type: ignore[union-attr]
    return recorded


def stored(app: Application) -> dict[str, tuple[str, ...]]:
    with app.database.reading() as connection:
        rows = connection.execute(
            select(t.answer.c.question, t.answer.c.value)
            .where(t.answer.c.kind == "given", t.answer.c.consultation == "A")
            .order_by(t.answer.c.revision)
        )
        return {question: tuple(value.split("|")) for question, value in rows}


async def through(app: Application, channel: str, name: str) -> None:
    if channel == "console":
        console = Console(app)
        app.add_channel(console)
        await app.start()
        await console.talk("A", lines(name))
        return
    await app.start()
    loopback: Loopback = app.loopback
    await loopback.say("p", Arrived(), at=NOW)
    for number, line in enumerate(lines(name), start=1):
        await loopback.say("p", Said(text=line), at=NOW + number, copies=2)


@pytest.mark.parametrize("channel", ["loopback", "console"])
@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_every_channel_stores_what_the_engine_records(
    tmp_path: Path, channel: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(tmp_path / "city")

    async def run() -> dict[str, tuple[str, ...]]:
        app = Application.at(tmp_path / "city", clock=ManualClock(NOW))
        try:
            await through(app, channel, name)
            return stored(app)
        finally:
            await app.stop()

    expected = {question: values or ("",) for question, values in on_the_engine(name).items()}
    found = asyncio.run(run())
    assert found == expected
    assert {"A02", "A10", "A13", "A15", "A16", "A22"} <= found.keys()


def test_an_emigrant_goes_on_to_the_registry(tmp_path: Path) -> None:
    make_folder(tmp_path / "city")

    async def run() -> set[str]:
        app = Application.at(tmp_path / "city", clock=ManualClock(NOW))
        await through(app, "loopback", "emigrant")
        with app.database.reading() as connection:
            found = set(
                connection.scalars(
                    select(t.answer.c.question).where(t.answer.c.consultation == "B")
                )
            )
        await app.stop()
        return found

    assert {"B11", "B18", "B15", "B02"} <= asyncio.run(run())
