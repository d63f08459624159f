"""Random people, every update delivered again at random: the records are the same as without."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.app import Application
from bot.clock import ManualClock
from bot.instance import make_folder, make_keys
from flows.inbound import Arrived, Body, Envelope, Inbound, Pressed, Said
from storage import tables as t
from storage.turns import Committed
from tests.support.cities import NOW

pytestmark = pytest.mark.slow

TYPED = ("1", "2 1", "SALTAR", "agua", "ATRÁS", "no sé", "BORRAR", "sí", "MIS RESPUESTAS", "PAUSA")
SEALED = {"contact_point", "contact_answer"}
"""Encrypted with a fresh nonce each time: equal only after decryption."""


def digest(app: Application) -> dict[str, list[Any]]:
    with app.database.reading() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in t.metadata.tables.items()
            if name not in SEALED
        }


async def talk(folder: Path, seed: int, *, repeats: bool) -> dict[str, list[Any]]:
    """One random person; what they do depends on the seed and on what they are shown."""
    person, postman = random.Random(seed), random.Random(seed + 1)
    app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    past: list[Envelope] = []
    body: Body = Arrived()
    for number in range(25):
        inbound = Inbound(channel="web", body=body, sent_at=NOW, order=(NOW, number))
        past.append(
            Envelope(
                channel="web",
                address="somebody",
                external_id=str(number),
                inbound=inbound,
                received_at=NOW + number,
            )
        )
        committed = await app.committer.submit(past[-1])
        for _ in range(postman.randint(0, 3) if repeats else 0):
            again = await app.committer.submit(postman.choice(past))
            assert again.outcome == "duplicate"
        body = next_body(person, committed)
    found = digest(app)
    await app.stop()
    return found


def next_body(person: random.Random, committed: Committed) -> Body:
    """What a random person does next, by what they were shown."""
    replies = [reply for message in committed.messages for reply in message.replies]
    accepts = [reply for reply in replies if reply.payload == "A00:SI"]
    if replies and person.random() < 0.8:
        return Pressed(payload=person.choice(accepts or replies).payload)
    return Said(text=person.choice(TYPED))


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6))
def test_updates_that_come_again_change_nothing(seed: int) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folders = [Path(parent) / name for name in ("once", "again")]
        for folder in folders:
            make_folder(folder)
            shutil.rmtree(folder / "keys")
            make_keys(folder, seed=b"replay")
        once, again = (
            asyncio.run(talk(folder, seed, repeats=folder.name == "again")) for folder in folders
        )
    assert once == again
