"""The two ways in: nothing forged comes in, nothing true is lost, and they can be exchanged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiogram import Bot
from aiogram.types import Update as AiogramUpdate
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from teremok.session import MockedSession

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.keyboards import split
from bot.channels.telegram.updates import read_update
from bot.channels.telegram.webhook import MOST_BODY, PATH
from bot.clock import SystemClock
from flows.inbound import Arrived, Missed, Pressed, Said
from flows.messages import Message
from storage import tables as t
from storage.gaps import GAP, set_seen
from tests.support.cities import NOW, Talker, bound
from tests.support.telegram import BotApi, Person
from tests.telegram.town import SECRET, TOKEN, Town, make_city, town

pytestmark = pytest.mark.slow

HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = (
    b'{"update_id": 5, "message": {"message_id": 7, "date": 1796000000, "text": "HOLA", '
    b'"chat": {"id": 31, "type": "private"}, "from": {"id": 31, "is_bot": false}}}'
)
FORGED = 10_000


def count(city: Town, table: str) -> int:
    with city.app.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(t.metadata.tables[table])) or 0


@pytest.fixture
async def pushed(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(make_city(tmp_path / "city"), "webhook") as city:
        await city.quiet()
        yield city


async def test_ten_thousand_forged_posts_are_refused_and_none_is_kept(pushed: Town) -> None:
    rng = random.Random(3)
    statuses: dict[int, int] = {}
    route = pushed.service.routes[0]
    transport = httpx.ASGITransport(app=route.app)
    async with httpx.AsyncClient(transport=transport, base_url=pushed.hook) as forger:
        for number in range(FORGED):
            answer = await forger.post(PATH, content=_mutated(rng), headers=_forged(rng, number))
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
    assert statuses == {403: FORGED}
    assert count(pushed, "inbox") == count(pushed, "quarantine") == 0


def _forged(rng: random.Random, number: int) -> dict[str, str]:
    """No secret, an empty one, or the true one with one character changed or cut off."""
    at = rng.randrange(len(SECRET))
    forms = ({}, {HEADER: ""}, {HEADER: SECRET[:at]}, {HEADER: f"{SECRET} x"})
    changed = SECRET[:at] + rng.choice("ABCxyz019_~") + SECRET[at + 1 :]
    is_other = changed != SECRET
    return {HEADER: changed} if number % 2 and is_other else forms[number % 4]


def _mutated(rng: random.Random) -> bytes:
    raw = bytearray(UPDATE)
    for _ in range(rng.randrange(4)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw)


async def test_mutated_updates_with_the_secret_crash_nothing(pushed: Town) -> None:
    rng = random.Random(4)
    async with httpx.AsyncClient(headers={HEADER: SECRET}) as telegram:
        for _ in range(300):
            answer = await telegram.post(pushed.hook + PATH, content=_mutated(rng))
            assert answer.status_code == 200
        big = await telegram.post(pushed.hook + PATH, content=b"x" * (MOST_BODY + 1))
        assert big.status_code == 413
    person = pushed.person()
    person.start()
    await pushed.quiet()
    assert len(person.received) == 1


async def test_a_city_goes_from_polling_to_webhook_and_back_and_loses_nothing(
    tmp_path: Path,
) -> None:
    folder = make_city(tmp_path / "city")
    for number, way in enumerate(("polling", "webhook", "polling")):
        async with town(folder, "webhook" if way == "webhook" else "polling") as city:
            person = city.person(100 + number)
            person.start()
            await city.quiet()
            assert bool(city.bot.webhook.url) == (way == "webhook")
            assert len(person.received) == 1
    async with town(folder) as city:
        assert count(city, "participant") == 3


async def test_polling_moves_on_only_after_the_commit(tmp_path: Path) -> None:
    folder = make_city(tmp_path / "city")
    async with town(folder) as city:
        await city.quiet()
        await city.app.committer.stop()  # the records are closed: nothing can be kept
        person = city.person()
        person.start()
        await asyncio.sleep(0.3)
        assert [update.chat_id for update in city.bot.pending] == [person.id]
        await city.app.committer.start()
        await city.quiet()
        assert len(person.received) == 1


async def test_after_a_long_gap_who_was_in_the_middle_is_asked_again_once(
    tmp_path: Path,
) -> None:
    folder = make_city(tmp_path / "city")
    async with town(folder) as city:
        active, done, waiting = (city.person(n) for n in (1, 2, 3))
        for person in (active, done, waiting):
            person.start()
        await city.quiet()
        active.press("A00:SI")
        done.press("A00:NO")
        await city.quiet()
        now = city.app.clock.now()
        await city.app.committer.write(lambda c: set_seen(c, "telegram", now))
    restart = now + 2 * GAP
    for expected in (1, 0):
        async with town(folder, start=restart, people=(active, waiting)) as city:
            waiting.say("1")  # a text waited at Telegram: this person needs no question twice
            await city.quiet()
            asked = [m for m in active.received if "Estuvimos sin servicio" in m.text]
            assert len(asked) == expected
            assert not [m for m in waiting.received if "Estuvimos sin servicio" in m.text]


async def test_a_short_pause_asks_nobody(tmp_path: Path) -> None:
    folder = make_city(tmp_path / "city")
    async with town(folder) as city:
        person = city.person()
        person.start()
        await city.quiet()
        now = city.app.clock.now()
        await city.app.committer.write(lambda c: set_seen(c, "telegram", now))
    async with town(folder, start=now + GAP // 2, people=(person,)) as city:
        await asyncio.sleep(0.1)
        await city.quiet()
        assert person.received == []


# -- our small mapping against aiogram's types ----------------------------------------------


def one_update(kind: str, text: str, language: str | None, number: int) -> tuple[bytes, int]:
    """An update of a kind as the loopback makes it, and the bot's id."""
    api = BotApi()
    bot = api.add_bot(TOKEN, "villa_ribera_bot")
    person = Person(bot, number, language=language)
    person.send({"text": text or "x"})
    match kind:
        case "edited_message":
            person.edit(text or "y")
        case "callback_query":
            person.bot.queries.clear()
            message = {**person.bot.chats[number].messages.popitem()[1].value}
            bot.enter(
                "callback_query",
                {"id": "9", "from": person.user, "message": message, "chat_instance": "1",
                 "data": "A10:AGU"},
                number,
            )  # fmt: skip
        case "my_chat_member":
            person.block()
    return bot.pending[-1].body, bot.id


@given(
    text=st.text(max_size=40),
    language=st.sampled_from([None, "es", "pt-br"]),
    kind=st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member"]),
    number=st.integers(1, 2**52),
)
def test_we_read_what_aiogram_reads(
    text: str, language: str | None, kind: str, number: int
) -> None:
    raw, bot = one_update(kind, text, language, number)
    theirs = AiogramUpdate.model_validate_json(raw)
    ours = read_update(raw, NOW, bot)
    if theirs.my_chat_member is not None:
        assert (ours.member, ours.address) == ("gone", str(theirs.my_chat_member.chat.id))
        return
    assert ours.envelope is not None
    assert ours.envelope.inbound is not None
    body = ours.envelope.inbound.body
    told = theirs.callback_query or theirs.edited_message or theirs.message
    assert told is not None
    assert told.from_user is not None
    assert ours.envelope.address == str(told.from_user.id)
    assert ours.envelope.inbound.language == told.from_user.language_code
    if theirs.callback_query is not None:
        assert isinstance(body, Pressed)
        assert body.payload == theirs.callback_query.data
        assert ours.press is not None
        assert ours.press.query == theirs.callback_query.id
    elif isinstance(body, Said) and not body.text.startswith("/"):
        assert body.text == (theirs.message or theirs.edited_message).text  # type: ignore[union-attr]


# -- a second, independent judge of what we send -------------------------------------------


async def test_teremok_finds_nothing_wrong_with_any_screen() -> None:
    session = MockedSession()
    channel = Telegram(Bot(TOKEN, session=session), SystemClock())
    talk = Talker(bound())
    said: list[Message | None] = [talk(Arrived())]
    rng = random.Random(5)
    for _ in range(120):
        last = said[-1]
        replies = last.replies if last else ()
        yes = [r for r in replies if r.payload == "A00:SI"]
        chosen = rng.choice(yes or replies) if replies and rng.random() < 0.8 else None
        typed = rng.choice(["1", "agua", "SALTAR", "MIS RESPUESTAS", "QUÉ HACE", "IDIOMA"])
        said.append(talk(Pressed(payload=chosen.payload) if chosen else Said(text=typed)))
    said.append(talk(Missed()))
    long = Message(text="🌍 agua " * 1500, language="es", code="LONG")
    for message in [*filter(None, said), long]:
        for part in channel.split(message):
            await channel.send("7", part, 1)
    assert len(session.requests) > 100
    assert "".join(m.text for m in split(long)).count("🌍") == 1500
    await channel.acknowledge("9")
