"""One page, at most 220 words, hostile words shown as words, in every renderer."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reports.page import render_page
from reports.pdf import render_pdf
from reports.summary import Summary
from reports.text import render_text
from tests.property.test_conversation import HOSTILE
from tests.support.cities import bound, import_rows, read_json, small_city

BOUND = bound()


@pytest.fixture
def summary(tmp_path: Path, capsysbinary: Any) -> Summary:
    city = small_city(tmp_path / "city")
    rows = [
        {"participant": f"p{n}", "question": q, "value": v, "answered_at": "2026-11-10"}
        for n in range(40)
        for q, v in (("A15", str(1 + n % 5)), ("A10", "GTF1|GTF2|GTF3"), ("A13", "agua"))
    ]
    assert import_rows(city, rows) == 0
    return read_json(capsysbinary, "summary", "--instance", str(city))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def hostile(summary: Summary, text: str) -> Summary:
    quotes = [
        {"question": "A16", "side": side, "text": text, "language": "es"}
        for side in ("against", "favour")
    ]
    return {**summary, "quotes": quotes}


def test_the_pdf_is_one_page_of_at_most_220_words(summary: Summary) -> None:
    pages = PdfReader(io.BytesIO(render_pdf(hostile(summary, "palabra " * 40), BOUND))).pages
    assert len(pages) == 1
    assert len(pages[0].extract_text().split()) <= 220


def test_the_same_data_gives_the_same_pdf(summary: Summary) -> None:
    assert render_pdf(summary, BOUND) == render_pdf(summary, BOUND)


def test_hostile_words_break_no_pdf_and_stay_words(summary: Summary) -> None:
    for text in HOSTILE[::4]:
        clean = text.encode("utf-8", "replace").decode()[:2000]
        assert len(PdfReader(io.BytesIO(render_pdf(hostile(summary, clean), BOUND))).pages) == 1


def test_hostile_words_execute_nothing_on_the_page(summary: Summary) -> None:
    for text in HOSTILE:
        clean = text.encode("utf-8", "replace").decode()
        parser = Tags()
        parser.feed(render_page(hostile(summary, clean), BOUND).decode())
        assert not parser.tags & {"script", "img", "svg", "iframe", "object"}
        assert not any(name.startswith("on") for name in parser.attributes)


def test_the_chat_text_fits_a_thousand_characters_and_keeps_its_notice(summary: Summary) -> None:
    said = render_text(hostile(summary, "x" * 4000), BOUND)
    assert len(said) <= 1000
    assert said.endswith("toda la población.")


@pytest.mark.parametrize("locale", ["es-CO", "pt-BR", "fr-FR", "en"])
def test_no_language_speaks_of_a_margin_of_error(summary: Summary, locale: str) -> None:
    page = render_page({**summary, "locale": locale}, BOUND).decode().lower()
    assert not any(w in page for w in ("margen de error", "margin of error", "margem de erro"))
