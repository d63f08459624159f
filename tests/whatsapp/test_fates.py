"""What may be sent when, and what becomes of it: window, approved texts, codes, statuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.whatsapp.errors import Verdict, error_of, judge, table
from bot.errors import ChannelError, Throttled
from flows.messages import Message
from storage import tables as t
from storage.dispatches import FATE_WAIT, count_statuses
from storage.outbox import count_undelivered, enqueue_campaign, find_by_contact
from tests.support.whatsapp import CloudApi, Person, Template
from tests.telegram.town import make_city
from tests.whatsapp.test_payloads import APPROVED
from tests.whatsapp.town import SECOND, Town, town

DAY = 86_400 * SECOND
INVITED = Message(text="Hay una nueva ronda.", language="es", code="INVITACION")


def approve(api: CloudApi, **languages: str) -> None:
    """What Meta approved of `APPROVED`."""
    template = Template(category="marketing", languages=languages or {"es": "approved"})
    template.parameters, template.buttons = 1, 2
    api.templates["tertulia_invitacion"] = template


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Town]:
    folder = make_city(tmp_path / "city")
    (folder / "whatsapp.yaml").write_text(APPROVED, encoding="utf-8")
    async with town(folder, api=CloudApi(daily_people=5)) as made:
        approve(made.api)
        yield made


async def known(city: Town, number: int = 1001) -> Person:
    """Somebody who wrote once."""
    person = city.person(number)
    person.say("HOLA")
    assert len(await city.hears(person)) == 1
    return person


async def invite(
    city: Town, person: Person, message: Message = INVITED, purpose: str = "w2"
) -> int:
    """Put an unasked message in the outbox."""
    with city.app.database.reading() as connection:
        participant = find_by_contact(connection, city.app.keys, "whatsapp", person.line.user)
        assert participant is not None
    now = city.clock.now()
    await city.app.committer.write(
        lambda c: enqueue_campaign(
            c,
            participant=participant,
            channel="whatsapp",
            message=message,
            purpose=purpose,
            due_at=now,
        )
    )
    return int(participant)


def kinds(person: Person) -> list[str]:
    return [sent.payload["type"] for sent in person.received]


async def undelivered(city: Town) -> dict[str, int]:
    return await city.app.database.read(count_undelivered)


# -- the window ------------------------------------------------------------------------------


async def test_inside_a_day_free_text_goes_and_outside_only_the_approved_text(city: Town) -> None:
    person = await known(city)
    await invite(city, person, purpose="inside")
    await city.hears(person)
    city.clock.at += DAY
    await invite(city, person, purpose="outside")
    await city.hears(person)
    assert kinds(person) == ["interactive", "text", "template"]
    assert city.api.refused == []


async def test_without_an_approved_text_another_channel_of_the_person_takes_it(
    tmp_path: Path,
) -> None:
    from tests.bot.test_delivery import Platform

    platform = Platform()
    folder = make_city(tmp_path / "city")
    async with town(folder, more={"telegram": platform}) as city:
        both, only = await known(city, 1), await known(city, 2)
        city.clock.at += DAY
        participant = await invite(city, both)
        await city.app.committer.write(lambda c: add_telegram(c, city, participant))
        await invite(city, only)
        await city.quiet()
        assert platform.took == [("31", "INVITACION")]
        assert await undelivered(city) == {"window_closed": 1}
        assert city.api.refused == []


def add_telegram(connection: Any, city: Town, participant: int) -> None:
    sealed = city.app.keys.encrypt("31", f"contact_point.address:{participant}")
    connection.execute(
        t.contact_point.insert().values(
            bucket=participant % 1024, participant=participant, channel="telegram",
            address=sealed, created_at=0,
        )
    )  # fmt: skip


async def test_what_is_longer_than_a_bubble_goes_in_its_pace_and_outside_as_one_text(
    city: Town,
) -> None:
    person = await known(city)
    long = Message(text="palabra " * 1_200, language="es", code="INVITACION")
    await invite(city, person, long, purpose="inside")
    for _ in range(6):
        sending = asyncio.ensure_future(city.delivery.drain())
        for _ in range(200):
            city.clock.at += SECOND // 10
            await asyncio.sleep(0.002)
        await sending
    assert kinds(person) == ["interactive", "text", "text", "text"]
    city.clock.at += DAY
    await invite(city, person, long, purpose="outside")
    await city.hears(person)
    assert kinds(person)[4:] == ["template"]
    assert city.api.refused == []


async def test_metas_clock_counts_when_it_says_that_the_window_is_closed(city: Town) -> None:
    person = await known(city)
    person.line.heard_at -= 2 * 86_400
    await invite(city, person)
    await city.hears(person)
    assert [code for code, _ in city.api.refused] == [131047]
    assert kinds(person) == ["interactive", "template"]


async def test_no_more_new_people_in_a_day_than_meta_lets(city: Town) -> None:
    people = [await known(city, number) for number in range(8)]
    city.clock.at += DAY
    for person in people:
        await invite(city, person)
    await city.seconds(60, 5)
    assert sum("template" in kinds(person) for person in people) == 5
    await city.seconds(90_000, 900)
    assert [kinds(person).count("template") for person in people] == [1] * 8
    assert city.api.pace.violations == []


async def test_a_paused_text_waits_for_its_mending_and_holds_nobody_else(city: Town) -> None:
    people = [await known(city, number) for number in range(3)]
    approve(city.api, es="paused")
    city.clock.at += DAY
    for person in people:
        await invite(city, person)
    await city.seconds(120, 5)
    assert len(city.api.refused) <= 3  # those that were on their way together
    people[0].say("PARTICIPAR")
    await city.seconds(15)
    assert kinds(people[0])[-1] == "interactive"
    approve(city.api)
    await city.seconds(8 * 3_600, 600)
    assert [kinds(person).count("template") for person in people[1:]] == [1, 1]
    assert await undelivered(city) == {}


# -- codes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(table()))
def test_every_code_has_a_verdict_and_the_verdict_an_error(code: int) -> None:
    assert isinstance(error_of(judge(code)), ChannelError)


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        ((4, 80007, 130429, 131016, 131000), Verdict.RETRY),
        ((131056,), Verdict.PERSON),
        ((131049, 131048), Verdict.DAY),
        ((131026, 131030), Verdict.NEVER),
        ((131050,), Verdict.STOP),
        ((131047,), Verdict.WINDOW),
        ((132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016), Verdict.TEMPLATE),
        ((368, 131031, 130497, 131042), Verdict.ACCOUNT),
    ],
)
def test_the_codes_that_are_known_decide(codes: tuple[int, ...], verdict: Verdict) -> None:
    assert {judge(code) for code in codes} == {verdict}


def test_an_unknown_code_is_judged_by_its_http_status() -> None:
    found = [judge(999_999, status) for status in (400, 401, 429, 500, 503)]
    assert found == [
        Verdict.REJECTED,
        Verdict.ACCOUNT,
        Verdict.RETRY,
        Verdict.RETRY,
        Verdict.RETRY,
    ]
    assert isinstance(error_of(Verdict.DAY), Throttled)


async def test_who_cannot_be_reached_is_not_tried_again(city: Town) -> None:
    person = await known(city)
    person.line.is_reachable = False
    person.say("PARTICIPAR")
    await city.quiet()
    assert await undelivered(city) == {"recipient_gone": 1}
    assert len(person.received) == 2
    person.line.is_reachable = True
    person.say("PARTICIPAR")  # who writes can be written to
    await city.quiet()
    with city.app.database.reading() as connection:
        assert connection.scalars(select(t.contact_point.c.state)).all() == ["open"]


async def test_who_stopped_in_whatsapp_gets_nothing_unasked_any_more(city: Town) -> None:
    person = await known(city)
    person.line.has_stopped = True
    city.clock.at += DAY
    await invite(city, person)
    await city.quiet()
    assert await undelivered(city) == {"opted_out": 1}
    with city.app.database.reading() as connection:
        assert connection.scalar(select(t.participant.c.silenced_at)) is not None


async def test_an_account_in_trouble_loses_nothing_and_is_asked_seldom(city: Town) -> None:
    people = [await known(city, number) for number in range(5)]
    city.api.weather.storm = lambda: 131042
    for person in people:
        person.say("PARTICIPAR")
    await city.seconds(3_600, 30)
    assert len(city.api.refused) <= 5 + 4  # together at first, then one every quarter of an hour
    city.api.weather.storm = lambda: None
    await city.seconds(1_000, 20)
    assert [len(person.received) for person in people] == [2] * 5


# -- statuses --------------------------------------------------------------------------------


async def statuses(city: Town) -> dict[str, int]:
    return await city.app.database.read(lambda c: count_statuses(c, "whatsapp"))


@pytest.mark.parametrize("order", [("read", "sent", "delivered"), ("sent", "delivered", "read")])
async def test_statuses_end_alike_in_any_order(city: Town, order: tuple[str, ...]) -> None:
    person = city.person()
    person.say("HOLA")
    await city.pass_on()
    await city.delivery.drain()
    city.api.events.clear()
    assert await statuses(city) == {"accepted": 1}
    (sent,) = person.received
    for word in (*order, *order):
        city.api.events.append(city.api.status(sent, word, person.line))
        await city.pass_on()
    late = city.api.status(sent, "failed", person.line)  # it was read: it did not fail
    city.api.events.append(late)
    await city.pass_on()
    assert await statuses(city) == {"read": 1}
    assert await city.outbox() == {"sent": 1}


async def test_a_status_of_a_message_that_is_not_ours_changes_nothing(city: Town) -> None:
    person = await known(city)
    before = await statuses(city)
    stranger = city.api.status(person.received[0], "read", person.line)
    status = stranger["value"]["statuses"][0]
    status |= {"id": "wamid.of-another-system", "biz_opaque_callback_data": "theirs"}
    city.api.events.append(stranger)
    await city.pass_on()
    assert await statuses(city) == before


# -- campaigns: at most once first -------------------------------------------------------------


async def test_a_campaign_message_of_unknown_fate_is_not_sent_twice_when_its_status_comes(
    city: Town,
) -> None:
    person = await known(city)
    city.api.weather.swallows = 1
    await invite(city, person)
    await city.seconds(FATE_WAIT // SECOND + 60, 10)
    assert kinds(person) == ["interactive", "text"]
    assert await city.outbox() == {"sent": 2}


async def test_without_a_status_it_is_sent_once_more_after_a_quarter_of_an_hour(
    city: Town,
) -> None:
    person = await known(city)
    city.api.weather.swallows = 5
    await invite(city, person)
    taken = len(city.api.pace.taken)
    for _ in range(3 * FATE_WAIT // SECOND // 10):
        await city.delivery.drain()
        city.api.events.clear()  # Meta tells nothing
        city.clock.at += 10 * SECOND
    first, second = city.api.pace.taken[taken:]
    assert second - first >= FATE_WAIT / SECOND
    assert await undelivered(city) == {"fate_unknown": 1}


async def test_a_reply_of_unknown_fate_is_sent_again_at_once(city: Town) -> None:
    """The question is the same question: twice is harmless, never is not."""
    person = city.person()
    city.api.weather.swallows = 1
    person.say("HOLA")
    await city.seconds(15)
    assert len(person.received) == 2
    assert await city.outbox() == {"sent": 1}
