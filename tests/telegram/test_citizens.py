"""What people do on Telegram besides answering, and what Telegram does besides delivering."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.telegram.polling import Polling
from flows.languages import LANGUAGES
from storage import tables as t
from storage.outbox import count_by_state
from tests.support.telegram import Person, say_in_group
from tests.telegram.town import Town, make_city, town
from tests.transcripts.test_five_people import stored


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(make_city(tmp_path / "city")) as made:
        yield made
        assert made.api.refused() == []
        assert made.bot.pace.violations == []


async def begin(city: Town, person: Person, *payloads: str) -> None:
    person.start()
    await city.quiet()
    for payload in payloads:
        person.press(payload)
        await city.quiet()


def rows(city: Town, table: str) -> int:
    with city.app.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(t.metadata.tables[table])) or 0


async def test_a_link_names_its_source_and_the_profile_the_language(city: Town) -> None:
    person = city.person(language="pt-br")
    person.start("src_lyon")
    (consent,) = await city.hears(person)
    assert "Prefeitura" in consent.text
    with city.app.database.reading() as connection:
        assert connection.scalar(select(t.response.c.source)) == "src_lyon"


async def test_marks_are_edits_of_the_same_message(city: Town) -> None:
    person = city.person()
    await begin(city, person, "A00:SI", "A02:PER")
    person.say("agua")
    await city.quiet()
    asked = len(person.received)
    themes = [p for p in person.payloads if p.startswith("A10:") and "!" not in p][:2]
    for theme in themes:
        person.press(theme)
    await city.quiet()
    for _ in range(200):
        if any(label.startswith("2. ") for label in person.last.labels):
            break
        await asyncio.sleep(0.01)
    assert [label[:3] for label in person.last.labels[:2]] == ["1. ", "2. "]
    assert len(person.received) == asked
    assert all(query.answered for query in city.bot.queries.values())


async def test_an_edited_answer_is_corrected_and_a_second_tap_is_told(city: Town) -> None:
    person = city.person()
    await begin(city, person, "A00:SI", "A02:PER")
    person.say("agua sucia")
    await city.quiet()
    person.edit("agua limpia")
    await city.quiet()
    assert stored(city.app)["A", "A13"] == ("agua limpia",)
    old = person.received[0]
    for _ in range(2):
        person.press("A00:SI", old)
    await city.quiet()
    assert [m.text.split(".")[0] for m in person.received[-2:]] == [
        "Esa pregunta ya fue respondida"
    ] * 2
    assert rows(city, "answer") == 3  # A02, and A13 twice


async def test_who_blocks_the_bot_is_not_written_to_until_they_come_back(city: Town) -> None:
    person = city.person()
    await begin(city, person)
    person.block()
    await city.quiet()
    with city.app.database.reading() as connection:
        assert connection.scalar(select(t.contact_point.c.state)) == "gone"
    person.unblock()
    await city.quiet()
    with city.app.database.reading() as connection:
        assert connection.scalar(select(t.contact_point.c.state)) == "open"
    person.say("PARTICIPAR")
    await city.quiet()
    assert len(person.received) == 2


async def test_a_send_to_somebody_who_blocked_ends_and_is_remembered(tmp_path: Path) -> None:
    async with town(make_city(tmp_path / "city")) as city:
        person = city.person()
        person.start()
        city.bot.blocked.add(person.id)
        await city.quiet()
        assert (await city.app.database.read(count_by_state)) == {"failed": 1}
        with city.app.database.reading() as connection:
            assert connection.scalar(select(t.contact_point.c.state)) == "gone"


async def test_voice_and_photos_are_answered_kindly_and_not_kept(city: Town) -> None:
    person = city.person()
    await begin(city, person, "A00:SI")
    person.voice()
    person.photo()
    await city.quiet()
    assert [m.text.split(",")[0] for m in person.received[-2:]] == ["Recibimos su mensaje"] * 2
    assert all("¿Responde por usted" in m.text for m in person.received[-2:])
    assert rows(city, "quarantine") == 0


async def test_a_group_is_told_once_why_and_left(city: Town) -> None:
    group = -100_200_300
    for text in ("HOLA", "¿hola?"):
        say_in_group(city.bot, group, city.person(7), text)
    await city.quiet()
    said = [m.text for m in city.bot.chats[group].messages.values() if m.own]
    assert len(said) == 1
    assert "https://t.me/villa_ribera_bot" in said[0]
    assert "En un grupo" in said[0]
    assert "In a group" not in said[0]
    assert "cannot talk in a group" in said[0]
    assert group in city.bot.blocked
    assert rows(city, "participant") == 0


async def test_commands_and_descriptions_are_there_in_four_languages_and_set_once(
    city: Town,
) -> None:
    for _ in range(500):
        if len(city.bot.commands) == 5:
            break
        await asyncio.sleep(0.01)
    named = {code: city.bot.commands["default", code] for code in ("", *LANGUAGES)}
    assert {len(listed) for listed in named.values()} == {14}
    assert named["fr"][1] == {
        "command": "mes_reponses",
        "description": "Voir et changer mes réponses",
    }
    person = city.person()
    for code in LANGUAGES:  # every command is a word that the conversation knows
        for listed in named[code]:
            assert len(listed["command"]) <= 32
    person.start()
    await city.quiet()
    person.say("/idioma")
    (*_, last) = await city.hears(person)
    assert "English" in last.labels


async def test_what_cannot_be_read_is_kept_and_stops_nobody(city: Town) -> None:
    bad = [
        b'{"update_id": %d, "message": {"message_id": "x"}}',
        b'{"update_id": %d, "message": []}',
        b'{"update_id": %d, "callback_query": {"id": 5, "from": {}}}',
        b'{"update_id": %d, "message": {"text": "\xff"',
        b'{"update_id": %d, "my_chat_member": {"chat": {"id": "y"}}}',
    ]
    person = city.person()
    for form in bad:
        number = city.bot.next_update_id
        city.bot.push(form % number, {"update_id": number}, None)
        person.say("HOLA")
    city.bot.push(b'{"update_id": %d, "new_kind": {}}' % (city.bot.next_update_id), None, None)
    await city.quiet()
    assert "Alcaldía" in person.received[0].text
    assert rows(city, "quarantine") == len(bad)
    with city.app.database.reading() as connection:
        kept = set(connection.scalars(select(t.quarantine.c.raw)))
    assert any(b'"message_id": "x"' in raw for raw in kept)


async def test_another_poller_is_said_plainly(
    city: Town, caplog: pytest.LogCaptureFixture
) -> None:
    other = Polling(city.service.edge, city.service.watch, poll_s=1)
    rival = asyncio.create_task(other.run())
    for _ in range(500):
        if "Another program is polling this Telegram bot" in caplog.text:
            break
        await asyncio.sleep(0.01)
    rival.cancel()
    assert "Another program is polling this Telegram bot" in caplog.text
    city.api.calls = [c for c in city.api.calls if c.method != "getUpdates"]


async def test_a_storm_of_429_and_an_outage_lose_nothing(tmp_path: Path) -> None:
    async with town(make_city(tmp_path / "city")) as city:
        people = [city.person(2000 + n) for n in range(12)]
        city.api.weather.throttled = 7
        for person in people:
            person.start()
        await asyncio.sleep(0.1)
        city.api.weather.is_down = True
        await asyncio.sleep(0.3)
        city.api.weather.is_down = False
        await city.quiet(30)
        assert [len(person.received) for person in people] == [1] * 12
        assert city.bot.pace.violations == []


async def test_nothing_that_was_said_or_the_token_reaches_a_log(
    city: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    person = city.person(987_654_321)
    await begin(city, person, "A00:SI", "A02:PER")
    person.say("Agua para CANARY-TEXT")
    await city.quiet()
    city.api.weather.is_down = True
    await asyncio.sleep(0.2)
    city.api.weather.is_down = False
    await city.quiet(30)
    ours = [
        json.dumps([r.getMessage(), r.__dict__.get("problem", "")])
        for r in caplog.records
        if r.name.startswith(("bot", "storage", "flows", "aiogram", "aiohttp"))
    ]
    for secret in ("CANARY", "987654321", "987_654_321"):
        assert not [line for line in ours if secret in line]
