"""The full report: what it opens with, dissent first, nothing recomputed, nothing leaked."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from bot.cli import main
from reports.document.build import Document, build
from reports.document.material import report_words
from reports.document.rendering import render_report, report_page, report_pdf
from reports.labels import Summary
from tests.cases.test_cases import c01_rows
from tests.support.cities import bound, import_rows, small_city

BOUND = bound()
LOCALES = ("es-CO", "pt-BR", "fr-FR", "en")
HOSTILE = json.loads(
    (Path(__file__).parents[1] / "data" / "hostile_strings.json").read_text(encoding="utf-8")
)
OTHERS: dict[str, dict[str, str]] = yaml.safe_load(
    (files("reports") / "words" / "words.yaml").read_text(encoding="utf-8")
)
NEVER = ("margen de error", "margem de erro", "marge d'erreur", "margin of error")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Case C01 in two waves, with words of both sides that may be quoted, and people abroad."""
    folder = small_city(tmp_path_factory.mktemp("document") / "city")
    for wave in (1, 2):
        assert import_rows(folder, c01_rows(wave), wave=wave) == 0
    return folder


def written(city: Path, view: str) -> Summary:
    out = city / f"{view}.json"
    asked = ["--instance", str(city), "--view", view, "--format", "json", "--out", str(out)]
    assert main(["summary", *asked]) == 0
    made: Summary = json.loads(out.read_text(encoding="utf-8"))
    return made


@pytest.fixture(scope="module")
def summary(city: Path) -> Summary:
    return written(city, "internal")


@pytest.fixture(scope="module")
def public(city: Path) -> Summary:
    return written(city, "public")


def quoted(summary: Summary, *texts: str) -> Summary:
    """The summary with these words quoted on both sides, as a need and as a reply's reason."""
    text = " ".join(texts)
    quotes = [
        {"question": "A16", "side": side, "text": text, "language": "es"}
        for side in ("favour", "against")
    ]
    theme = {"code": "GTF1", "state": "in_part", "reason": text, "unit": text, "due": text}
    asked = {"question": "A13", "n": 9, "quotes": [{"text": text, "language": "es"}]}
    replies = {**summary["replies"], "themes": [theme]}
    return {**summary, "quotes": quotes, "open_answers": [asked], "replies": replies}


def strings(value: object) -> Iterator[str]:
    """Every text of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def section(document: Document, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in document["sections"] if s["id"] == name)
    return found


def text_of(part: object) -> str:
    return "\n".join(strings(part))


def test_it_opens_with_the_product_of_its_kind_of_space(summary: Summary) -> None:
    document = build(summary, BOUND)
    assert document["obtain"] == "Para obtener…"
    assert document["product"].startswith("Diagnóstico actual de los temas y/o las percepciones")
    text = PdfReader(io.BytesIO(report_pdf(document))).pages[0].extract_text()
    first = " ".join(text.split())
    assert "Para obtener… Diagnóstico actual de los temas" in first
    assert first.index("Diagnóstico") < first.index("Qué quieren")


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("deliberacion", "Un mapa de intereses"),
        ("negociacion", "Inventario de recursos"),
        ("rendicion", "Plan de mejoramiento"),
    ],
)
def test_each_kind_of_space_has_its_own_product(summary: Summary, kind: str, says: str) -> None:
    changed = {**summary, "consultation": {**summary["consultation"], "kind": kind}}
    assert build(changed, BOUND)["product"].startswith(says)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_every_word_and_never_speaks_of_a_margin_of_error(
    summary: Summary, locale: str
) -> None:
    document = build(quoted({**summary, "locale": locale}, "palabra"), BOUND)
    codes = {c for c in {*report_words(), *OTHERS} if "_" in c or c.isupper()}
    told = set(strings([s["blocks"] for s in document["sections"]]))
    assert told & codes == set()
    assert not [w for w in NEVER if w in text_of(document).lower()]
    assert OTHERS["NOT_REPRESENTATIVE"][document["lang"]] in told
    assert not [t for t in told if re.search(r"\{[a-z_]+\}", t)]


def test_the_words_of_the_report_are_in_four_languages_and_repeat_none() -> None:
    assert [c for c, t in report_words().items() if set(t) != {"es", "pt", "fr", "en"}] == []
    assert set(report_words()) & set(OTHERS) == set()


def test_the_figures_are_those_of_the_worked_case(summary: Summary) -> None:
    sides = text_of(section(build(summary, BOUND), "sides"))
    for figure in ("71,4%", "55,6%", "28,6%", "22,2%", "Ola 1 (n = 7)", "Ola 2 (n = 9)"):
        assert figure in sides
    assert "La minoría está en contra: 22,2%, 2 personas." in sides


def test_reasons_against_come_before_reasons_in_favour(summary: Summary) -> None:
    blocks = section(build(quoted(summary, "x y z"), BOUND), "sides")["blocks"]
    assert [b["side"] for b in blocks if b["kind"] == "quote"] == ["against", "favour"]


def test_the_states_of_the_sheet_add_up(summary: Summary) -> None:
    states = {**summary["states"], "declined": 1, "under_age": 1, "empty": 1, "withdrawn": 1}
    states |= {
        "partial": 1,
        "complete": 5,
        "started": 10,
        "valid": 6,
        "completion_percent": "71.4",
    }
    blocks = section(build({**summary, "states": states}, BOUND), "sheet")["blocks"]
    table = blocks[1]["parts"][0][1]
    *parts, total = [int(row[1]) for row in table["rows"]]
    assert sum(parts) == total == 10
    assert "71,4%" in table["foot"]


def test_a_hidden_row_says_so_and_nothing_more(public: Summary) -> None:
    chart = next(
        b["chart"]
        for b in section(build(public, BOUND), "sides")["blocks"]
        if b["kind"] == "chart"
    )
    hidden = {row["label"]: row for row in chart["rows"] if row["hidden"]}
    assert set(hidden) >= {"Académico y cultural"}
    assert {(r["note"], r["base"], sum(r["shares"])) for r in hidden.values()} == {
        ("oculto", "", 0)
    }


def test_the_public_report_names_no_link_no_actor_and_no_number_of_a_type(
    public: Summary, summary: Summary
) -> None:
    mapped = replace(BOUND, instance=replace(BOUND.instance))
    actors = section(build(public, mapped), "actors")
    heat = next(b["chart"] for b in actors["blocks"] if b["kind"] == "chart")
    cells = [cell for row in heat["rows"] for cell in row["cells"]]
    assert len(cells) == 28
    assert not [cell for cell in cells if cell["number"]]
    assert "(inventada)" not in text_of(build(public, mapped))
    assert "(inventada)" in text_of(section(build(summary, mapped), "actors"))


def test_the_quality_card_has_eight_attributes_measured(summary: Summary) -> None:
    rows = section(build(summary, BOUND), "quality")["blocks"][1]["rows"]
    assert len(rows) == 8
    assert rows[0][2] == "3 de 7 sectores y 3 de 5 grupos prioritarios con voz."
    assert rows[2][2] == "2 olas; 4 personas estuvieron en todas."


def test_there_is_a_page_per_axis_of_the_plan(summary: Summary) -> None:
    document = build({**summary, "plan": [*_axes("E1"), *_axes("E2")]}, BOUND)
    pages = [s for s in document["sections"] if s["id"].startswith("axis-")]
    assert [p["title"] for p in pages] == [
        "Insumo para el Plan: Agua y territorio",
        "Insumo para el Plan: Vida segura y cuidada",
    ]
    assert all(p["new_page"] for p in pages)


def _axes(code: str) -> list[dict[str, object]]:
    row = {
        "axis": code,
        "objective": None,
        "mentions": 9,
        "favour": 5,
        "against": 3,
        "reasons": [],
    }
    return [row]


def test_the_same_summary_gives_the_same_bytes(summary: Summary) -> None:
    for kind in ("pdf", "html"):
        assert render_report(summary, BOUND, kind) == render_report(summary, BOUND, kind)


def test_the_pdf_is_accessible_and_every_chart_has_its_text(summary: Summary) -> None:
    document = build(summary, BOUND)
    made = report_pdf(document)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    alts = list(_alternatives(PdfReader(io.BytesIO(made)).trailer["/Root"]["/StructTreeRoot"]))
    charts = [b["chart"]["alt"] for s in document["sections"] for b in _flat(s["blocks"])]
    assert sorted(alts) == sorted(charts)
    assert len(charts) > 5


def _flat(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["kind"] == "chart":
            yield block
        for part in block.get("parts", ()):
            yield from _flat(part)


def _alternatives(node: Any) -> Iterator[str]:
    found = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(found, list):
        for inner in found:
            yield from _alternatives(inner)
    elif isinstance(found, DictionaryObject):
        if found.get("/S") == "/Figure" and "/Alt" in found:
            yield str(found["/Alt"])
        if "/K" in found:
            yield from _alternatives(found["/K"])


class Asking(HTMLParser):
    """What a page would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.asked: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "srcset", "data"):
                self.asked.add((value or "")[:22])
            if name.startswith("on"):
                self.handlers.add(name)


def test_hostile_words_run_nothing_and_the_page_asks_for_nothing(summary: Summary) -> None:
    texts = [t.encode("utf-8", "replace").decode() for group in HOSTILE.values() for t in group]
    parser = Asking()
    parser.feed(report_page(build(quoted(summary, *texts), BOUND)).decode())
    assert not parser.tags & {"script", "iframe", "object", "embed", "link", "svg", "base"}
    assert parser.handlers == set()
    outside = {a for a in parser.asked if not a.startswith(("#", "data:image/svg+xml;"))}
    assert outside == set()


def test_hostile_words_stop_no_page(summary: Summary) -> None:
    for group, texts in HOSTILE.items():
        made = report_pdf(build(quoted(summary, *texts), BOUND))
        assert made.startswith(b"%PDF"), group


def test_the_command_writes_a_report(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert main(["report", "--instance", str(city), "--wave", "1", "--out", str(out)]) == 0
    assert "DATOS INVENTADOS" in PdfReader(out).pages[0].extract_text()
