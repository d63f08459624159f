"""The five people of the transcripts on WhatsApp: tapped, and with the numbers typed."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.transcripts import lines_of
from flows.limits import CORE_WHATSAPP_MESSAGES
from tests.support.whatsapp import Person, text_of
from tests.telegram.town import make_city
from tests.transcripts.test_five_people import FILES, Stored, on_the_engine, stored
from tests.whatsapp.town import Town, town

pytestmark = pytest.mark.slow

FINISH = "terminar"
TYPED = re.compile(r"números juntos")


async def talk(city: Town, person: Person, lines: list[str], *, types: bool) -> int:
    """Say every line; returns how many messages the core cost."""
    core, waiting = 0, ["PARTICIPAR biblioteca-12", *lines]
    while waiting:
        line = waiting.pop(0)
        shown = text_of(person.received[-1]) if person.received else ""
        is_several = TYPED.search(shown) and line != FINISH and FINISH in waiting[:2]
        if types and is_several:
            chosen = [line]
            while chosen[-1] != FINISH:
                chosen.append(waiting.pop(0))
            person.say(together(shown, chosen[:-1]))
        else:
            person.answer(line)
        heard = await city.hears(person)
        assert len(heard) <= 1, [text_of(one) for one in heard]
        if not core and heard and "Su código es" in text_of(heard[0]):
            core = len(person.received)
    return core


def together(shown: str, chosen: list[str]) -> str:
    """The numbers of what is chosen, as the message shows them, in one line."""
    numbers = {label.lower(): n for n, label in re.findall(r"^(\d+)\. (.+)$", shown, re.MULTILINE)}
    typed = [numbers.get(one.lower(), one) for one in chosen]
    return " ".join(typed) if len(typed) > 1 else f"{typed[0]} 0"


def run(folder: Path, lines: list[str], *, types: bool) -> tuple[int, Stored, list[object]]:
    async def talking() -> tuple[int, Stored, list[object]]:
        async with town(make_city(folder)) as city:
            core = await talk(city, city.person(), lines, types=types)
            return core, stored(city.app), [*city.api.refused, *city.api.pace.violations]

    return asyncio.run(talking())


TAPPED = {"emigrant": 11, "family_abroad": 11, "organisation": 13, "resident": 11, "visitor": 10}
"""Messages of the core when every choice is tapped one by one."""
QUICK = [("organisation", False), ("organisation", True), ("resident", False)]
OTHERS = [(name, types) for name in sorted(FILES) for types in (False, True)]
CASES = [
    *QUICK,
    *(pytest.param(*case, marks=pytest.mark.slow) for case in OTHERS if case not in QUICK),
]


@pytest.mark.parametrize(("name", "types"), CASES)
def test_whatsapp_stores_what_every_channel_does(tmp_path: Path, name: str, types: bool) -> None:
    lines = lines_of(FILES[name].read_text(encoding="utf-8"))
    core, found, problems = run(tmp_path / "city", lines, types=types)
    assert problems == []
    assert {key: value for key, value in found.items() if key[0] == "A"} == on_the_engine(lines)
    if types:  # several choices in one message, as the hint says
        assert core <= CORE_WHATSAPP_MESSAGES - 1
    else:
        assert core == TAPPED[name]
