"""docs/guia-telegram.md, followed from an empty folder to two running bots."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.guide import Follower, commands_of, settings_of
from tests.support.telegram import BotApi, Person, serving

GUIDE = "guia-telegram.md"
pytestmark = pytest.mark.slow


@pytest.fixture
def api() -> BotApi:
    api = BotApi()
    api.add_bot(settings_of(GUIDE, "TELEGRAM_TOKEN"), "villa_ribera_bot")
    api.add_bot(settings_of(GUIDE, "DESK_TOKEN"), "villa_ribera_equipo_bot")
    return api


@pytest.fixture
def follower(tmp_path: Path, api: BotApi) -> Iterator[Follower]:
    following = Follower(tmp_path)
    with serving(api):
        yield following
        following.stop()


def write_tokens(follower: Follower, api: BotApi) -> None:
    """What the guide says to fill in, and the loopback's address in place of Telegram's."""
    lines = [f"{n}={settings_of(GUIDE, n)}" for n in ("TELEGRAM_TOKEN", "DESK_TOKEN")]
    with (follower.folder / "mi-ciudad/secrets.env").open("a") as secrets:
        secrets.write("\n".join([*lines, f"TELEGRAM_API={api.base_url}"]) + "\n")


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_guide_leads_to_two_running_bots(follower: Follower, api: BotApi) -> None:
    citizens, desk = api.bots.values()
    citizen, ana = Person(citizens, 1001), Person(desk, 2001, name="Ana")
    for command in commands_of(GUIDE):
        if command.startswith("tertulia serve"):
            write_tokens(follower, api)
        said = follower.run(command)
        if command.startswith("tertulia serve"):
            citizen.start()
            until(lambda: bool(citizen.received))
            assert "18" in citizen.last.labels[0]
        elif "invite" in command:
            link = said.splitlines()[-1]
            assert link.startswith("https://t.me/villa_ribera_equipo_bot?start=")
            ana.start(link.partition("=")[2])
            until(lambda: bool(ana.received))
            ana.say("/resumen")
            until(lambda: len(ana.received) == 3)
            assert ana.received[1].content is not None
            assert ana.received[2].value["document"]["file_name"].endswith(".pdf")
        elif "list" in command:
            assert said.startswith("Ana\tmoderator")
        elif "link telegram" in command:
            assert "https://t.me/villa_ribera_bot?start=biblioteca-12" in said
            assert (follower.folder / "mi-ciudad/out/link-telegram-biblioteca-12.png").exists()
        elif "audit" in command:
            assert re.search(r"revoke", said)
    assert api.refused() == []


def test_a_wrong_token_is_told_in_one_sentence(follower: Follower, api: BotApi) -> None:
    follower.run("tertulia init mi-ciudad")
    write_tokens(follower, api)
    file = follower.folder / "mi-ciudad/secrets.env"
    file.write_text(re.sub("(TELEGRAM|DESK)_TOKEN=7", r"\1_TOKEN=6", file.read_text()))
    unknown = tuple(f"Telegram does not know {n}_TOKEN" for n in ("TELEGRAM", "DESK"))
    follower.run("tertulia serve --instance mi-ciudad", awaits=unknown)
