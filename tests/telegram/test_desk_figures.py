"""/pregunta and /exportar on the desk: protected tables, and files of the public view."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

from bot.desk.words import word
from tests.support.telegram import Person
from tests.telegram.test_desk import Office, office
from tests.telegram.town import make_city


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(make_city(tmp_path / "city")) as made:
        yield made


async def test_a_question_comes_as_a_protected_table(city: Office) -> None:
    ana = city.person(1)
    await city.enrol(ana, "analyst")
    (listed,) = await city.ask(ana, "/pregunta")
    assert "A15: ¿Está a favor o en contra" in listed
    assert "A13" not in listed
    (told,) = await city.ask(ana, "/pregunta a15 por país")
    assert told.startswith("¿Está a favor o en contra")
    assert told.endswith("no estiman la opinión de toda la población.")
    assert await city.ask(ana, "/pregunta A21") == [word("only_in_total", "es")]
    assert ("Ana", '{"did":"read_question"}') in city.audit()


def _file(person: Person) -> tuple[str, bytes]:
    sent = next(m for m in reversed(person.received) if m.content is not None)
    assert sent.content is not None
    return sent.value["document"]["file_name"], sent.content


async def test_an_export_is_the_public_view_unless_an_analyst_asks_for_the_other(
    city: Office,
) -> None:
    ana, eva = city.person(1), city.person(3)
    await city.enrol(ana, "analyst")
    await city.enrol(eva, "viewer", "Eva")
    for person, text, view in (
        (ana, "/exportar", "public"),
        (ana, "/exportar interno", "internal"),
        (eva, "/exportar interno", "public"),
    ):
        said = await city.ask(person, text, 2)
        assert said[-1] == word(f"exported_{view}", "es")
        name, content = _file(person)
        assert name.endswith(f"-{view}.xlsx")
        about = openpyxl.load_workbook(io.BytesIO(content))["about"]
        assert ("view", view) in {(a.value, b.value) for a, b in about.iter_rows()}
    assert [a for a, body in city.audit() if "exported" in body] == ["Ana", "Ana", "Eva"]


async def test_the_report_and_the_data_package_come_as_files(city: Office) -> None:
    ana = city.person(1)
    await city.enrol(ana, "analyst")
    await city.ask(ana, "/exportar informe", 2)
    name, content = _file(ana)
    assert name.endswith("-public.pdf")
    assert "Para obtener…" in PdfReader(io.BytesIO(content)).pages[0].extract_text()
    await city.ask(ana, "/exportar datos", 2)
    name, content = _file(ana)
    assert name.endswith("-public-datapackage.zip")
    assert content.startswith(b"PK")
