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


CORE = (
    ("1", "Responde por usted"),
    ("1", "necesita usted hoy"),
    ("agua", "hasta tres"),
    ("1 2", "a favor o en contra"),
    ("2", "Una razón basta"),
    ("primero el agua", "Qué lo une"),
    ("1", "En qué comuna"),
    ("1", "Qué nos permite"),
    ("1 3", "Su código es"),
)


def test_the_core_is_answered_by_keyboard_alone(phone: Any) -> None:
    for text, then in CORE:
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


@pytest.fixture
def mine(phone: Any) -> Any:
    """The page behind the one-time link of somebody who has answered the core."""
    for text, then in CORE:
        answer(phone, text, then)
    answer(phone, "Ahora no", "Gracias. Su respuesta ya cuenta.")
    answer(phone, "MIS RESPUESTAS", "Sirve una vez")
    said = phone.locator(".bubble").last.inner_text()
    page = phone.context.new_page()
    page.goto(next(word for word in said.split() if "/mis/" in word))
    page.click("button")
    yield page
    assert phone.locator(".bubble").last.inner_text() == said  # no mark in the chat


def answered(page: Any, question: str) -> Any:
    return page.locator("fieldset", has=page.locator(f"input[name=question][value={question}]"))


def test_an_answer_is_changed_behind_the_one_time_link(mine: Any) -> None:
    link = mine.url
    support = answered(mine, "A15")
    assert support.locator("input[value='2']").is_checked()
    support.locator("input[value='5']").check()
    mine.get_by_text("Guardar los cambios").click()
    mine.wait_for_selector("[role=status]")
    assert support.locator("input[value='5']").is_checked()
    mine.goto(link)
    mine.click("button")
    mine.wait_for_selector("text=Este enlace ya se usó")


def test_a_ranking_keeps_its_order_behind_the_link(mine: Any) -> None:
    ranking = answered(mine, "A10")
    first, second, third = (ranking.locator("select").nth(place) for place in range(3))
    before = [first.input_value(), second.input_value()]
    assert third.input_value() == ""
    first.select_option(before[1])
    second.select_option(before[0])
    mine.get_by_text("Guardar los cambios").click()
    mine.wait_for_selector("[role=status]")
    assert [first.input_value(), second.input_value()] == before[::-1]


def test_erasing_behind_the_link_takes_a_second_press(mine: Any, server: Server) -> None:
    assert not mine.get_by_text("Sí, borrar todo").is_visible()
    mine.get_by_text("Borrar todas").click()
    mine.get_by_text("Sí, borrar todo").click()
    mine.wait_for_selector("text=Sus respuestas se borraron")
    made = mine.request.get(f"http://127.0.0.1:{server.port}/resumen.json").json()
    assert (made["states"]["valid"], made["states"]["withdrawn"]) == (0, 1)


@pytest.mark.parametrize("path", ["/chat", "/resumen"])
def test_axe_finds_nothing_serious(phone: Any, server: Server, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    phone.goto(f"http://127.0.0.1:{server.port}{path}")
    phone.wait_for_timeout(600)
    found = Axe().run(phone).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
