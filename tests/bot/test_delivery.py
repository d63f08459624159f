"""Delivery on a clock set by hand: pace, patience, order, and no message twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.app import Application
from bot.channels.base import CAPABILITIES
from bot.clock import ManualClock
from bot.delivery import MOST_ATTEMPTS, Delivery
from bot.errors import RecipientGone, Throttled, Unavailable
from bot.instance import make_folder
from bot.pace import SECOND, Pacer
from flows.inbound import Arrived, Envelope, Inbound
from flows.messages import Message
from storage.outbox import count_by_state, enqueue_campaign
from tests.support.cities import NOW


class Platform:
    """A platform that takes two a second, one a second per person, and refuses when it is told."""

    name = "telegram"
    capabilities = CAPABILITIES["telegram"]
    per_second = 2.0
    per_person_seconds = 1.0

    def __init__(self) -> None:
        self.took: list[tuple[str, str]] = []
        self.refuses: Exception | None = None
        self.asked = 0

    def split(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        self.asked += 1
        if self.refuses is not None:
            raise self.refuses
        self.took.append((address, message.code))


class City:
    def __init__(self, app: Application, platform: Platform) -> None:
        assert isinstance(app.clock, ManualClock)
        self.app, self.platform, self.clock = app, platform, app.clock
        self.delivery = Delivery(
            app.database, app.keys, app.committer, {"telegram": platform}, self.clock
        )

    async def arrive(self, address: str) -> int:
        now = self.clock.now()
        inbound = Inbound(channel="telegram", body=Arrived(), sent_at=now)
        committed = await self.app.committer.submit(
            Envelope(
                channel="telegram",
                address=address,
                external_id=f"{address}/{now}",
                inbound=inbound,
                received_at=now,
            )
        )
        assert committed.participant is not None
        return committed.participant

    async def seconds(self, count: int, rounds: int = 10) -> None:
        """Let time pass, with so many rounds of delivery a second."""
        for _ in range(count * rounds):
            await self.delivery.drain()
            self.clock.at += SECOND // rounds

    async def states(self) -> dict[str, int]:
        return await self.app.database.read(count_by_state)


@pytest.fixture
async def city(tmp_path: Path) -> Any:
    make_folder(tmp_path / "city")
    app = Application.at(tmp_path / "city", clock=ManualClock(NOW))
    await app.start(delivers=False)
    yield City(app, Platform())
    await app.stop()


async def test_no_more_a_second_than_the_platform_takes(city: City) -> None:
    for number in range(10):
        await city.arrive(f"p{number}")
    for second in range(1, 6):
        await city.seconds(1)
        assert len(city.platform.took) == 2 * second
    assert await city.states() == {"sent": 10}


async def test_one_person_is_written_to_once_a_second_and_in_order(city: City) -> None:
    person = await city.arrive("p")
    for number in range(3):
        message = Message(text="x", language="es", code=f"C{number}")
        await city.app.committer.write(
            lambda c, m=message: enqueue_campaign(
                c, participant=person, channel="telegram", message=m, purpose=m.code, due_at=NOW
            )
        )
    await city.seconds(1)
    assert [code for _, code in city.platform.took] == ["A00"]
    await city.seconds(3)
    assert [code for _, code in city.platform.took] == ["A00", "C0", "C1", "C2"]


async def test_replies_go_before_campaigns_that_were_there_first(city: City) -> None:
    first = await city.arrive("first")
    await city.seconds(1)
    for purpose in ("one", "two"):
        message = Message(text="x", language="es", code=purpose)
        await city.app.committer.write(
            lambda c, m=message: enqueue_campaign(
                c, participant=first, channel="telegram", message=m, purpose=m.code, due_at=NOW
            )
        )
    await city.arrive("second")
    await city.seconds(3)
    assert [address for address, _ in city.platform.took] == ["first", "second", "first", "first"]


async def test_a_platform_that_asks_to_wait_is_not_asked_again_before(city: City) -> None:
    for number in range(3):
        await city.arrive(f"p{number}")
    city.platform.refuses = Throttled(30)
    await city.seconds(29, 2)
    assert city.platform.asked == 2  # both were on their way when it first said so
    city.platform.refuses = None
    await city.seconds(5)
    assert len(city.platform.took) == 3


async def test_an_outage_is_waited_out_with_growing_patience(city: City) -> None:
    await city.arrive("p")
    city.platform.refuses = Unavailable("down")
    await city.seconds(32)
    assert city.platform.asked == 6  # after 0, 1, 3, 7, 15 and 31 seconds
    city.platform.refuses = None
    await city.seconds(40, 1)
    assert await city.states() == {"sent": 1}


async def test_who_has_left_is_not_tried_again_and_what_never_goes_is_counted(city: City) -> None:
    await city.arrive("gone")
    city.platform.refuses = RecipientGone("blocked")
    await city.seconds(3)
    assert city.platform.asked == 1
    await city.arrive("other")
    city.platform.refuses = Unavailable("down")
    await city.seconds(2 ** (MOST_ATTEMPTS - 1) + 20, 1)
    assert await city.states() == {"failed": 2}
    assert city.platform.asked == 1 + MOST_ATTEMPTS


def test_what_comes_in_takes_places_but_never_more_than_half() -> None:
    pacer = Pacer(per_second=10, per_person_seconds=0)
    for _ in range(3):
        pacer.give_away(NOW)
    assert pacer.free(NOW, 100) == 7
    for _ in range(30):
        pacer.give_away(NOW)
    assert pacer.free(NOW, 100) == 5
    assert pacer.free(pacer.next_at(NOW), 100) == 10


def test_after_an_overload_one_message_goes_alone_until_it_went_well() -> None:
    pacer = Pacer(per_second=10, per_person_seconds=0)
    pacer.hold(NOW + SECOND, probes=True)
    assert pacer.free(NOW, 100) == 0
    later = NOW + SECOND
    assert pacer.free(later, 100) == 1
    pacer.begin(1)
    assert pacer.free(later, 100) == 0
    pacer.end(1, later)
    assert pacer.free(later, 100) == 1
    pacer.went_well()
    assert pacer.free(later, 100) == 9
