"""`make pictures`: the pictures of the Telegram guide, taken while the guide is followed.

Everything on them was really said by the program; people and city are made up.
"""

from __future__ import annotations

import tempfile
import time
from html import escape
from pathlib import Path
from typing import Any

from tests.browser.test_chat import FLAGS
from tests.support.guide import DOCS, Follower, commands_of, settings_of
from tests.support.telegram import BotApi, Person, serving
from tests.support.telegram.window import window

GUIDE = "guia-telegram.md"
IMAGES = DOCS / "images"
TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #1d2330; color: #dfe6ee; font: 14px/1.45 monospace; padding: 16px }
pre { margin: 0 0 10px; white-space: pre-wrap } b { color: #8fd3a8; font-weight: 400 }
</style>"""


def wait(person: Person, count: int) -> None:
    """Until the person has got so many messages."""
    for _ in range(1000):
        if len(person.received) >= count:
            return
        time.sleep(0.02)
    raise AssertionError([m.text for m in person.received])


def follow(follower: Follower, api: BotApi) -> tuple[Person, Person]:
    """Follow the guide with both bots on the loopback; returns the citizen and the official."""
    citizens, desk = api.bots.values()
    citizen, ana = Person(citizens, 1001), Person(desk, 2001, name="Ana")
    for command in commands_of(GUIDE):
        if command.startswith("tertulia serve"):
            secrets = follower.folder / "mi-ciudad/secrets.env"
            named = ("TELEGRAM_TOKEN", "DESK_TOKEN")
            lines = [f"{n}={settings_of(GUIDE, n)}\n" for n in named]
            secrets.write_text("".join(lines) + f"TELEGRAM_API={api.base_url}\n")
        if "revoke" in command:
            break
        said = follower.run(command)
        if "invite" in command:
            ana.start(said.splitlines()[-1].partition("=")[2])
            wait(ana, 1)
    return citizen, ana


def talk(citizen: Person) -> None:
    """As far as the marks of the priorities."""
    citizen.start()
    wait(citizen, 1)
    for count, act in enumerate(
        (lambda: citizen.press("A00:SI"), lambda: citizen.press("A02:PER"),
         lambda: citizen.say("Agua en el barrio los fines de semana")), start=2):  # fmt: skip
        act()
        wait(citizen, count)


def terminal(said: list[tuple[str, str]], folder: Path) -> str:
    """The commands and what they printed, as a terminal shows them."""
    parts = [
        f"<pre><b>$ {escape(command)}</b>\n{escape(text.replace(f'{folder}/', ''))}</pre>"
        for command, text in said
    ]
    return TERMINAL + "".join(parts)


def photograph(browser: Any, html: str, name: str, width: int) -> None:
    """A picture of a page, at twice its size."""
    page = browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=1.25)
    page.set_content(html)
    page.screenshot(path=str(IMAGES / name), full_page=True)
    page.close()


def main() -> None:
    """Follow, talk, photograph."""
    from playwright.sync_api import sync_playwright

    api = BotApi()
    api.add_bot(settings_of(GUIDE, "TELEGRAM_TOKEN"), "villa_ribera_bot")
    api.add_bot(settings_of(GUIDE, "DESK_TOKEN"), "villa_ribera_equipo_bot")
    with tempfile.TemporaryDirectory() as parent, serving(api), sync_playwright() as play:
        follower = Follower(Path(parent))
        citizen, ana = follow(follower, api)
        talk(citizen)
        ana.say("/resumen")
        wait(ana, 3)
        follower.stop()
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        begun = [s for s in follower.said if s[0].split()[1] in ("init", "check", "serve")]
        photograph(browser, terminal(begun, follower.folder), "telegram-terminal.png", 860)
        photograph(browser, window(citizen.bot, 1001, last=3), "telegram-citizen.png", 390)
        photograph(browser, window(ana.bot, 2001, last=4), "telegram-desk.png", 390)
        browser.close()


if __name__ == "__main__":
    main()
