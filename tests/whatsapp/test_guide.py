"""docs/guia-whatsapp.md, followed from an empty folder to a connected number."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from bot.channels.whatsapp.webhook import PATH
from tests.support.guide import Follower, commands_of, settings_of
from tests.support.whatsapp import CloudApi, Person, serving
from tests.whatsapp.town import signature

GUIDE = "guia-whatsapp.md"
NAMES = ("TOKEN", "NUMBER_ID", "APP_SECRET", "VERIFY_TOKEN", "NUMBER", "DAILY_PEOPLE")
pytestmark = pytest.mark.slow


def setting(name: str) -> str:
    return settings_of(GUIDE, f"WHATSAPP_{name}")


def shake_hands(url: str) -> str:
    asked = {"hub.mode": "subscribe", "hub.verify_token": setting("VERIFY_TOKEN")}
    return httpx.get(url, params=asked | {"hub.challenge": "1158201444"}).text


def test_the_guide_leads_to_a_connected_number(tmp_path: Path) -> None:
    api = CloudApi(token=setting("TOKEN"))
    follower = Follower(tmp_path)
    with serving(api) as address:
        for command in commands_of(GUIDE):
            if command.startswith("tertulia serve"):
                lines = [f"WHATSAPP_{name}={setting(name)}" for name in NAMES]
                with (tmp_path / "mi-ciudad/secrets.env").open("a") as secrets:
                    secrets.write("\n".join([*lines, f"WHATSAPP_API={address}"]) + "\n")
            said = follower.run(command, awaits=("whatsapp_connected",))
            if command.startswith("tertulia serve"):
                talk(api, f"http://127.0.0.1:{follower.port}{PATH}")
            elif "link whatsapp" in command:
                assert "https://wa.me/15550783881?text=PARTICIPAR%20biblioteca-12" in said
        follower.stop()
    assert api.refused == []


def talk(api: CloudApi, url: str) -> None:
    assert shake_hands(url) == "1158201444"
    person = Person(api, 1)
    person.say("PARTICIPAR")
    for raw in api.bodies():
        signed = {"X-Hub-Signature-256": signature(raw, setting("APP_SECRET"))}
        assert httpx.post(url, content=raw, headers=signed).status_code == 200
        assert httpx.post(url, content=raw).status_code == 401
    end = time.monotonic() + 20
    while not person.received:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert "18+ y acepto" in {reply["title"] for reply in person.replies}
