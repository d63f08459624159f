"""Five people answer consultation A; every channel says the same and stores the same.

The transcripts beside this file are what people review: `pytest tests/transcripts --update`
writes them anew. Clock and keys are fixed, so that receipts are too.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.app import Application
from bot.channels.console import Console
from bot.channels.webchat import WebChat
from bot.clock import ManualClock
from bot.instance import make_folder, make_keys
from bot.transcripts import Exchange, as_text, lines_of, remark_of
from bot.web.chat import COOKIE
from bot.web.site import make_web
from flows.events import AnswerRecorded
from flows.inbound import Arrived, Said
from storage import tables as t
from storage.outbox import list_after
from tests.support.cities import NOW, Talker, bound

FILES = {file.stem: file for file in sorted(Path(__file__).parent.glob("*.txt"))}
Stored = dict[tuple[str, str], tuple[str, ...]]


def city(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    make_folder(folder)
    shutil.rmtree(folder / "keys")
    make_keys(folder, seed=b"transcripts")
    return folder


def stored(app: Application) -> Stored:
    c = t.answer.c
    with app.database.reading() as connection:
        rows = connection.execute(
            select(c.consultation, c.question, c.value)
            .join(t.current_answer, t.IS_CURRENT)
            .where(c.kind == "given")
        )
        return {(name, question): tuple(value.split("|")) for name, question, value in rows}


async def by_console(app: Application, lines: list[str]) -> list[Exchange]:
    console = Console(app)
    app.add_channel(console)
    await app.start()
    return await console.talk("A", lines)


async def by_loopback(app: Application, lines: list[str]) -> list[Exchange]:
    await app.start()
    await app.loopback.say("p", Arrived(), at=NOW, copies=2)
    talk = [Exchange(said="", message=await app.loopback.hear("p"))]
    for line in lines:
        committed = await app.loopback.say("p", Said(text=line), at=NOW, copies=2)
        heard = await app.loopback.hear("p") if committed.outbox_ids else None
        talk.append(Exchange(said=line, message=heard))
    return talk


async def by_web(app: Application, lines: list[str]) -> list[Exchange]:
    """The real page's posts, twice each, and its mailbox."""
    channel = WebChat()
    app.add_channel(channel)
    await app.start()
    address = "transcript-transcript-"
    talk: list[Exchange] = []
    last = 0
    transport = httpx.ASGITransport(app=make_web(app, channel, None))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", cookies={COOKIE: address}
    ) as page:
        for number, line in enumerate(["", *lines]):
            body = {"id": f"m{number}"} | ({"text": line} if number else {"arrive": ""})
            outcomes = [(await page.post("/chat/send", json=body)).json() for _ in range(2)]
            assert [o["outcome"] for o in outcomes][1] == "duplicate"
            with app.database.reading() as connection:
                heard = list_after(
                    connection, app.keys, channel="web", address=address, after=last
                )
            assert len(heard) <= 1
            last = heard[-1][0] if heard else last
            talk.append(Exchange(said=line, message=heard[-1][1] if heard else None))
    return talk


CHANNELS: dict[str, Callable[[Application, list[str]], Awaitable[list[Exchange]]]] = {
    "console": by_console,
    "loopback": by_loopback,
    "web": by_web,
}


def through(channel: str, folder: Path, lines: list[str]) -> tuple[str, Stored]:
    async def run() -> tuple[str, Stored]:
        app = Application.at(folder, clock=ManualClock(NOW), base_url="https://made-up.example")
        try:
            return as_text(await CHANNELS[channel](app, lines)), stored(app)
        finally:
            await app.stop()

    return asyncio.run(run())


def on_the_engine(lines: list[str]) -> Stored:
    talk = Talker(bound())
    talk(Arrived())
    for line in lines:
        talk(Said(text=line))
    return {("A", e.question): e.values or ("",) for e in talk.events(AnswerRecorded)}


@pytest.mark.parametrize("channel", sorted(CHANNELS))
@pytest.mark.parametrize("name", sorted(FILES))
def test_every_channel_says_and_stores_the_same(
    tmp_path: Path, channel: str, name: str, request: pytest.FixtureRequest
) -> None:
    reviewed = FILES[name].read_text(encoding="utf-8")
    lines = lines_of(reviewed)
    said, found = through(channel, city(tmp_path), lines)
    said = said.replace(f"/{_token(said)}", "/TOKEN") if _token(said) else said
    remark = remark_of(reviewed)
    if request.config.getoption("--update") and channel == "console":
        FILES[name].write_text(f"{remark}\n{said}", encoding="utf-8")
        return
    assert without_choices(f"{remark}\n{said}") == without_choices(reviewed)
    if channel == "console":
        assert f"{remark}\n{said}" == reviewed
    assert {key: value for key, value in found.items() if key[0] == "A"} == on_the_engine(lines)
    assert {"A02", "A10", "A13", "A15", "A16", "A22"} <= {question for _, question in found}
    if name == "emigrant":
        assert {"B11", "B18", "B15", "B02"} <= {question for _, question in found}


def without_choices(transcript: str) -> list[str]:
    """What is said, without what depends on who the person is: order of choices, receipt."""
    alike = re.sub(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}", "RECEIPT", transcript)
    return [x for x in alike.splitlines() if not re.match(r" +(\d+\.|·) ", x) and x.strip()]


def _token(said: str) -> str:
    """A one-time link's token derives from the update's id, which differs by channel."""
    _, _, rest = said.partition("/mis/")
    return rest.split()[0].rstrip(".") if rest else ""
