"""Texts in the platform's order, whatever their arrival and in however many batches."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import Application
from bot.clock import ManualClock
from bot.instance import make_folder, make_keys
from flows.inbound import Arrived, Body, Envelope, Inbound, Pressed, Said
from storage import tables as t
from storage.verifying import verify
from tests.support.cities import NOW

Step = tuple[int, Body]
SECOND = 1_000_000
OPENING: tuple[Step, ...] = ((1, Arrived(source="afiche")), (0, Pressed(payload="A00:SI")))
TALK: tuple[Step, ...] = (
    *OPENING,
    (3, Said(text="1")),
    (4, Said(text="Que el agua llegue")),
    (5, Said(text="2 1")),
    (6, Said(text="4")),
    (7, Said(text="Primero el acueducto")),
    (8, Said(text="1")),
)


async def told(folder: Path, steps: tuple[Step, ...]) -> dict[str, object]:
    """What stands after these steps came one by one, each in a batch of its own."""
    make_folder(folder)
    shutil.rmtree(folder / "keys")
    make_keys(folder, seed=b"late")
    app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    outcomes = []
    for arrived, (number, body) in enumerate(steps):
        sent = NOW + number * SECOND
        order = (sent, number) if number else (sent, 0)
        inbound = Inbound(channel="telegram", body=body, sent_at=sent, order=order)
        outcomes.append(
            await app.committer.submit(
                Envelope(
                    channel="telegram",
                    address="7",
                    external_id=repr((number, body)),
                    inbound=inbound,
                    received_at=NOW + (20 + arrived) * SECOND,
                )
            )
        )
    with app.database.reading() as connection:
        a = t.answer.c
        rows = connection.execute(
            select(a.question, a.kind, a.value)
            .join(t.current_answer, t.IS_CURRENT)
            .where(a.kind != "cleared")
            .order_by(a.question)
        )
        answers = [tuple(row) for row in rows]
        problems = verify(connection, app.keys, NOW).problems
    source = await app.database.read(lambda c: c.scalar(select(t.response.c.source)))
    await app.stop()
    return {"answers": answers, "problems": problems, "source": source, "last": outcomes[-1]}


@pytest.fixture
async def in_time(tmp_path: Path) -> list[object]:
    found = await told(tmp_path / "calm", TALK)
    assert len(found["answers"]) >= 5  # type: ignore[arg-type]
    return found["answers"]  # type: ignore[return-value]


async def test_two_texts_that_overtook_each_other_stand_as_they_were_sent(
    tmp_path: Path, in_time: list[object]
) -> None:
    for at in range(2, len(TALK) - 1, 2):
        steps = [*TALK]
        steps[at], steps[at + 1] = steps[at + 1], steps[at]
        found = await told(tmp_path / f"swap{at}", tuple(steps))
        assert (found["answers"], found["problems"]) == (in_time, ()), at


async def test_a_text_that_comes_after_all_the_others_takes_its_place(
    tmp_path: Path, in_time: list[object]
) -> None:
    late = (*TALK[:3], *TALK[4:], TALK[3])
    found = await told(tmp_path / "late", late)
    assert found["answers"] == in_time
    assert found["last"].messages  # type: ignore[attr-defined]  # where the talk stands now


async def test_a_press_stays_behind_what_came_before_it(tmp_path: Path) -> None:
    press = (0, Pressed(payload="A10:AGU"))
    calm = await told(tmp_path / "calm", (*TALK[:4], press))
    late = await told(tmp_path / "late", (*TALK[:2], TALK[3], TALK[2], press))
    assert calm["answers"] == late["answers"]


async def test_what_is_older_than_the_consent_answers_nothing_and_a_stop_word_is_heard(
    tmp_path: Path,
) -> None:
    spoken = ((5, Said(text="1")), (0, Pressed(payload="A00:SI")), (9, Said(text="1")))
    for number, (word, outcome) in enumerate((("2", "ignored"), ("BASTA", "applied"))):
        steps = ((1, Arrived()), *spoken, (2, Said(text=word)))
        found = await told(tmp_path / str(number), steps)
        assert found["last"].outcome == outcome  # type: ignore[attr-defined]
        assert found["problems"] == ()
