"""Who somebody is: the business-scoped id first, the number when it is there; CASE-06 besides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storage import tables as t
from storage.participants import address_of
from tests.support.whatsapp import Person, text_of
from tests.telegram.town import make_city
from tests.whatsapp.town import Town, town

pytestmark = pytest.mark.slow


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(make_city(tmp_path / "city")) as made:
        yield made


def count(city: Town, table: Any) -> int:
    with city.app.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def addresses(city: Town) -> list[str]:
    with city.app.database.reading() as connection:
        rows = connection.execute(select(t.contact_point).order_by(t.contact_point.c.created_at))
        return [address_of(city.app.keys, row.participant, row.address) for row in rows]


async def test_the_number_may_be_absent_and_come_later(city: Town) -> None:
    person = city.person(shows="user")
    person.say("HOLA")
    await city.quiet()
    assert addresses(city) == [person.line.user]
    person.shows = "both"
    person.answer("18+ y acepto")
    (heard,) = (await city.hears(person))[-1:]
    assert "por usted o por una organización" in text_of(heard)
    assert addresses(city) == [f"{person.line.user} {person.line.phone}"]
    person.shows = "phone"
    person.answer("Por mí")
    (heard,) = await city.hears(person)
    assert "¿Qué necesita usted hoy" in text_of(heard)
    assert count(city, t.participant) == 1


async def test_two_ids_that_one_webhook_names_together_are_one_person(city: Town) -> None:
    person = city.person(shows="phone")
    person.say("HOLA")
    await city.quiet()
    person.shows = "user"
    person.say("HOLA")
    await city.quiet()
    assert count(city, t.participant) == 2
    assert count(city, t.participant_link) == 0  # nothing says so yet
    person.shows = "both"
    person.say("PARTICIPAR")
    await city.quiet()
    assert count(city, t.participant_link) == 1
    person.shows = "phone"
    person.answer("18+ y acepto")
    person_says = await city.hears(person)
    assert "por usted o por una organización" in text_of(person_says[-1])
    assert count(city, t.participant) == 2


async def test_a_changed_number_keeps_the_person_and_gets_a_new_id(city: Town) -> None:
    person = city.person()
    person.say("HOLA")
    person.answer("18+ y acepto")
    await city.quiet()
    old = person.line.phone
    person.line.phone = "573009999999"
    system = {"body": "x", "wa_id": person.line.phone, "type": "user_changed_number"}
    moved = {"id": "wamid.moved", "from": old, "timestamp": "1796000000", "type": "system"}
    city.api.events.append(city.api.change({"messages": [moved | {"system": system}]}))
    await city.pass_on()
    assert addresses(city) == [person.line.phone]
    del city.api.lines[person.line.user]
    person.line.user = "CO.20000000000000000001"  # a new number has a new id
    city.api.lines[person.line.user] = person.line
    person.say("Por mí")
    (heard,) = await city.hears(person)
    assert "¿Qué necesita usted hoy" in text_of(heard)
    assert count(city, t.participant) == 1
    assert addresses(city) == [f"{person.line.user} {person.line.phone}"]


async def test_a_number_that_belongs_to_somebody_else_now_opens_nothing(city: Town) -> None:
    first = city.person(1)
    first.say("HOLA")
    first.answer("18+ y acepto")
    await city.quiet()
    second = Person(city.api, 2)
    second.line.phone = first.line.phone
    first.line.phone = ""
    second.say("HOLA")
    (heard,) = await city.hears(second)
    assert "18+ y acepto" in {r["title"] for r in second.replies}, text_of(heard)
    assert count(city, t.participant_link) == 0
    assert addresses(city) == [first.line.user, f"{second.line.user} {second.line.phone}"]


async def test_where_the_id_is_not_taken_the_number_is_used(city: Town) -> None:
    person = city.person()
    person.line.can_user = False
    person.say("HOLA")
    await city.hears(person)
    assert [code for code, _ in city.api.refused] == [131062]
    assert person.received[0].payload["to"] == person.line.phone


async def test_kindly_refused_and_then_asked_again(city: Town) -> None:
    person = city.person()
    person.say("HOLA")
    await city.hears(person)
    person.send("audio", {"id": "1", "mime_type": "audio/ogg", "voice": True})
    (heard,) = await city.hears(person)
    assert "18+ y acepto" in {r["title"] for r in person.replies}, text_of(heard)
    for kind, content in (
        ("reaction", {"message_id": heard.wamid, "emoji": "👍"}),
        ("revoke", {"original_message_id": "wamid.x"}),
    ):
        person.send(kind, content)
        assert await city.hears(person) == []
    assert city.api.refused == []


async def test_an_edited_answer_is_mended(city: Town) -> None:
    person = city.person()
    for line in ("HOLA", "18+ y acepto", "Por mí"):
        person.answer(line)
        await city.hears(person)
    wamid = person.say("agua")
    await city.hears(person)
    inner = {"type": "text", "text": {"body": "agua limpia"}}
    person.send("edit", {"original_message_id": wamid, "message": inner})
    (heard,) = await city.hears(person)
    assert text_of(heard).startswith("Su respuesta quedó corregida.")
    with city.app.database.reading() as connection:
        values = connection.scalars(select(t.answer.c.value).where(t.answer.c.question == "A13"))
        assert list(values) == ["agua", "agua limpia"]


async def test_messages_of_one_person_in_one_body_are_taken_in_their_order(city: Town) -> None:
    person = city.person()
    for line in ("HOLA", "18+ y acepto"):
        person.answer(line)
        await city.hears(person)
    person.say("1")
    city.clock.at += 2_000_000
    person.say("agua")
    city.api.events.reverse()  # the later one stands first in the body
    await city.quiet()
    with city.app.database.reading() as connection:
        rows = connection.execute(select(t.answer.c.question, t.answer.c.value)).all()
    assert ("A02", "PER") in rows
    assert ("A13", "agua") in rows
