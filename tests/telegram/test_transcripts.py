"""The five people of the transcripts on Telegram: polled and pushed, they store the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.transcripts import Exchange, as_text, lines_of, remark_of
from flows.messages import Message as Said
from tests.support.telegram import Person
from tests.telegram.town import Town, Way, make_city, town
from tests.transcripts.test_five_people import (
    FILES,
    Stored,
    on_the_engine,
    stored,
    without_choices,
)

pytestmark = pytest.mark.slow


def answer(person: Person, line: str) -> None:
    """Press the button that says it, else type it."""
    shown = person.last.keyboard if person.received else []
    data = next((b["callback_data"] for row in shown for b in row if b["text"] == line), None)
    person.press(data) if data else person.say(line)


async def talk(city: Town, lines: list[str]) -> list[Exchange]:
    person = city.person()
    person.start()
    exchanges = []
    for line in ["", *lines]:
        if line:
            answer(person, line)
        heard = await city.hears(person)
        assert len(heard) <= 1, [m.text for m in heard]
        message = Said(text=heard[0].text, language="es", code="") if heard else None
        exchanges.append(Exchange(said=line, message=message))
    return exchanges


@pytest.mark.parametrize("way", ["polling", "webhook"])
@pytest.mark.parametrize("name", sorted(FILES))
def test_telegram_says_and_stores_what_every_channel_does(
    tmp_path: Path, name: str, way: Way
) -> None:
    reviewed = FILES[name].read_text(encoding="utf-8")
    lines = lines_of(reviewed)

    async def run() -> tuple[str, Stored, list[object]]:
        async with town(make_city(tmp_path / "city"), way) as city:
            said = as_text(await talk(city, lines))
            return said, stored(city.app), [*city.api.refused(), *city.bot.pace.violations]

    said, found, problems = asyncio.run(run())
    assert problems == []
    _, _, rest = said.partition("/mis/")
    said = said.replace(rest.split()[0].rstrip("."), "TOKEN") if rest else said
    assert without_choices(f"{remark_of(reviewed)}\n{said}") == without_choices(reviewed)
    assert {key: value for key, value in found.items() if key[0] == "A"} == on_the_engine(lines)
