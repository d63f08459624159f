"""Random people, one after another and interleaved: the live total is always a recount."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import Application
from bot.clock import ManualClock
from bot.instance import make_folder
from flows.inbound import Arrived, Body, Envelope, Inbound
from storage.cuts import Which
from storage.live import count_valid
from storage.readings import read_consultation
from tests.property.test_replay import next_body
from tests.support.cities import NOW

pytestmark = pytest.mark.slow

STATES = ("partial", "complete")


def totals(app: Application) -> tuple[int, int]:
    """The live total, and the same counted from every answer."""
    definition = app.folder.main.definition
    substantive = [question.id for question in definition.questions if question.is_substantive]
    with app.database.reading() as connection:
        live = count_valid(connection, "A", 1, substantive)
        readings = read_consultation(
            connection,
            definition,
            Which(wave=1, week=app.week_of(NOW)),
            zone=app.folder.instance.city.time_zone,
            now=NOW + 10**6,
        )
    return live, sum(n for _, state, _, n, _ in readings.responses.rows() if state in STATES)


async def meet(folder: Path, seed: int) -> list[tuple[int, int]]:
    """Three random people take turns; the totals after every turn."""
    rng = random.Random(seed)
    app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    bodies: dict[str, Body] = dict.fromkeys(("ana", "luz", "rui"), Arrived())
    found = []
    for number in range(60):
        address = rng.choice(sorted(bodies))
        envelope = Envelope(
            channel="web",
            address=address,
            external_id=str(number),
            inbound=Inbound(channel="web", body=bodies[address], sent_at=NOW, order=(NOW, number)),
            received_at=NOW + number,
        )
        bodies[address] = next_body(rng, await app.committer.submit(envelope))
        found.append(totals(app))
    await app.stop()
    return found


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6))
def test_the_live_total_is_a_recount_after_every_turn(seed: int) -> None:
    with tempfile.TemporaryDirectory() as parent:
        make_folder(Path(parent) / "city")
        found = asyncio.run(meet(Path(parent) / "city", seed))
    assert [live for live, _ in found] == [recount for _, recount in found]
    assert max(live for live, _ in found) > 0
