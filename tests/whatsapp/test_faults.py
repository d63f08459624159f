"""What must not happen however badly it goes: a replayed day, a storm, a platform that hangs."""

from __future__ import annotations

import asyncio
import random
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.whatsapp.channel import PER_SECOND
from storage import tables as t
from tests.bot.test_delivery import Platform
from tests.support.whatsapp import Person, text_of
from tests.telegram.town import make_city
from tests.whatsapp.town import SECOND, Town, town

pytestmark = pytest.mark.slow

WORDS = ("agua", "1", "2", "3 1", "1 0", "SALTAR", "ATRÁS", "MIS RESPUESTAS", "no sé", "x" * 600)


def digest(city: Town) -> str:
    """Everything in the records, in the order of its keys."""
    found = sha256()
    with city.app.database.reading() as connection:
        for table in t.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            found.update(repr((table.name, [tuple(row) for row in rows])).encode())
    return found.hexdigest()


def do_something(person: Person, rng: random.Random) -> None:
    """Tap what is offered, write, send a picture, react, take back."""
    choice = rng.random()
    if person.replies and choice < 0.6:
        person.press(rng.choice(person.replies))
    elif choice < 0.9:
        person.say(rng.choice(WORDS))
    elif choice < 0.95:
        person.send("image", {"id": "1", "mime_type": "image/jpeg"})
    else:
        person.send("reaction", {"message_id": "wamid.x", "emoji": "👍"})


async def a_day(city: Town, people: list[Person], rng: random.Random, turns: int) -> None:
    for _ in range(turns):
        for person in people:
            do_something(person, rng)
        await city.quiet()
        city.clock.at += rng.randrange(60) * SECOND


async def test_a_day_replayed_three_times_in_any_order_changes_nothing(tmp_path: Path) -> None:
    rng = random.Random(8)
    async with town(make_city(tmp_path / "city")) as city:
        people = [
            city.person(number, shows=("both", "user", "phone")[number % 3]) for number in range(9)
        ]
        await a_day(city, people, rng, 8)
        people[1].shows = people[2].shows = "both"
        people[0].line.is_reachable = False
        old, people[3].line.phone = people[3].line.phone, "573119999999"
        system = {"wa_id": people[3].line.phone, "type": "user_changed_number", "body": "x"}
        moved = {"id": "wamid.m", "from": old, "timestamp": "1796000100", "type": "system"}
        city.api.events.append(city.api.change({"messages": [moved | {"system": system}]}))
        await a_day(city, people, rng, 4)
        before, sent = digest(city), len(city.api.sent)
        assert len(city.posted) > 25
        for _ in range(3):
            rng.shuffle(city.posted)
            for raw in city.posted:
                assert await city.post(raw) == 200
        await city.delivery.drain()
        assert digest(city) == before
        assert len(city.api.sent) == sent
        assert city.api.pace.violations == []


async def test_ten_minutes_of_storm_lose_nothing_and_show_nobody_an_error(tmp_path: Path) -> None:
    rng = random.Random(9)
    async with town(make_city(tmp_path / "city")) as city:
        people = [city.person(number) for number in range(40)]
        city.api.weather.storm = lambda: rng.choice((130429, 131056))
        for number, person in enumerate(people):
            person.say("HOLA")
            if number % 10 == 9:
                await city.seconds(3)
        await city.seconds(600, 2)
        codes = [code for code, _ in city.api.refused]
        assert set(codes) == {130429, 131056}
        assert len(codes) < 40 + 600  # never more often than once a second, after the first
        assert city.api.sent == []
        assert (await city.outbox()) == {"due": 40}
        city.api.weather.storm = lambda: None
        await city.seconds(120, 2)
        assert [len(person.received) for person in people] == [1] * 40
        assert {text_of(p.received[0])[:12] for p in people} == {"La Alcaldía "}
        assert (await city.outbox()) == {"sent": 40}


async def test_telegram_goes_on_while_whatsapp_hangs(tmp_path: Path) -> None:
    """Its messages are all taken although every call to WhatsApp is still waiting."""
    platform = Platform()
    async with town(make_city(tmp_path / "city"), more={"telegram": platform}) as city:
        city.api.weather.hangs = True
        for number in range(int(PER_SECOND) // 4):
            city.person(number).say("HOLA")
        await city.pass_on()
        for number in range(12):
            await arrive(city, f"p{number}")
        city.delivery.start()
        for _ in range(3_000):
            if len(platform.took) == 12:
                break
            city.clock.at += SECOND // 10
            await asyncio.sleep(0.005)
        assert len(platform.took) == 12
        assert city.api.sent == []
        city.api.weather.hangs = False
        await city.delivery.stop()
        assert len(city.api.sent) == int(PER_SECOND) // 4


async def arrive(city: Town, address: str) -> None:
    from flows.inbound import Arrived, Envelope, Inbound

    now = city.clock.now()
    inbound = Inbound(channel="telegram", body=Arrived(), sent_at=now)
    await city.app.committer.submit(
        Envelope(
            channel="telegram",
            address=address,
            external_id=address,
            inbound=inbound,
            received_at=now,
        )
    )


async def test_an_outage_is_waited_out_and_every_question_comes(tmp_path: Path) -> None:
    async with town(make_city(tmp_path / "city")) as city:
        people = [city.person(number) for number in range(5)]
        city.api.weather.is_down = True
        for person in people:
            person.say("HOLA")
        await city.seconds(300, 3)
        city.api.weather.is_down = False
        await city.seconds(300, 3)
        assert [len(person.received) for person in people] == [1] * 5
