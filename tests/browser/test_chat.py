"""A person with a phone of 390 pixels, a keyboard, and axe, in Debian's Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.serving import Server

pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--disable-quic", "--no-first-run"]  # fmt: skip


@pytest.fixture
def phone(server: Server) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(viewport={"width": 390, "height": 780}, locale="es-CO")
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/chat")
        page.wait_for_selector("#choices button")
        yield page
        browser.close()


def answer(page: Any, text: str, then: str) -> None:
    page.fill("#text", text)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={then}")


def test_the_core_is_answered_by_keyboard_alone(phone: Any) -> None:
    for text, then in (
        ("1", "Responde por usted"),
        ("1", "necesita usted hoy"),
        ("agua", "hasta tres"),
        ("1 2", "a favor o en contra"),
        ("2", "Una razón basta"),
        ("primero el agua", "Qué lo une"),
        ("1", "En qué comuna"),
        ("1", "Qué nos permite"),
        ("1 3", "Su código es"),
    ):
        answer(phone, text, then)
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_consent_is_read_from_its_beginning(phone: Any) -> None:
    first = phone.locator(".bubble").first.bounding_box()
    window = phone.locator("#log").bounding_box()
    assert first["height"] > window["height"]
    assert first["y"] >= window["y"]


def test_a_restart_in_the_middle_goes_on_by_itself(phone: Any, server: Server) -> None:
    answer(phone, "1", "Responde por usted")
    server.kill()
    phone.fill("#text", "1")
    phone.keyboard.press("Enter")
    server.start()
    phone.wait_for_selector("text=necesita usted hoy", timeout=20_000)


@pytest.mark.parametrize("path", ["/chat", "/resumen"])
def test_axe_finds_nothing_serious(phone: Any, server: Server, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    phone.goto(f"http://127.0.0.1:{server.port}{path}")
    phone.wait_for_timeout(600)
    found = Axe().run(phone).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
