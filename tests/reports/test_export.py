"""Exports: typed cells, no formula anywhere, the protected view, rows only as an audited act."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import main
from bot.exporting import export_files
from reports.export.cells import MARK, safe_cell
from reports.export.files import as_csv, as_xlsx
from reports.export.tables import Column, Table
from reports.labels import Summary
from tests.cases.test_cases import c01_rows
from tests.support.cities import bound, import_rows, small_city

BOUND = bound()
HOSTILE = [
    text
    for group in json.loads(
        (Path(__file__).parents[1] / "data" / "hostile_strings.json").read_text(encoding="utf-8")
    ).values()
    for text in group
]
HOSTILE_TABLE = Table(
    "hostile",
    "x",
    (Column("text", "string", "x"), Column("n", "integer", "x")),
    tuple((text, at) for at, text in enumerate(HOSTILE)),
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_city(tmp_path_factory.mktemp("export") / "city")
    for wave in (1, 2):
        assert import_rows(folder, c01_rows(wave), wave=wave) == 0
    return folder


@pytest.fixture(scope="module")
def public(city: Path) -> Summary:
    out = city / "public.json"
    asked = ["--view", "public", "--format", "json", "--out", str(out)]
    assert main(["summary", "--instance", str(city), *asked]) == 0
    made: Summary = json.loads(out.read_text(encoding="utf-8"))
    return made


def reopened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def looks_like_a_formula(text: str) -> bool:
    """As a spreadsheet sees it: the first character that is neither blank nor invisible."""
    bare = text.lstrip(" \t\r\n\ufeff\u200b\u200e\u200f\u2066\u2067\u2068\u2069\u00a0\u3000")
    return bare[:1] in "=+-@\uff1d\uff0b\uff0d\uff20" and bool(bare)


def test_no_hostile_text_is_a_formula_when_the_workbook_is_opened_again() -> None:
    content = as_xlsx([HOSTILE_TABLE])
    rows = list(reopened(content)["hostile"].iter_rows(min_row=2))
    assert len(rows) == len(HOSTILE)
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<f " not in sheet
    assert b"<hyperlink" not in sheet


def test_no_hostile_text_opens_a_formula_in_csv_and_every_row_stays_one() -> None:
    rows = read_csv(as_csv(HOSTILE_TABLE))
    assert [row["n"] for row in rows] == [str(at) for at in range(len(HOSTILE))]
    assert [row["text"] for row in rows if looks_like_a_formula(row["text"])] == []


@given(st.text())
def test_a_safe_cell_is_the_text_modulo_its_mark_and_its_controls(text: str) -> None:
    cell = safe_cell(text)
    assert not looks_like_a_formula(cell)
    assert safe_cell(cell) == cell
    plain = "".join(c for c in text if c.isalnum() and c.isascii())
    assert "".join(c for c in cell if c.isalnum() and c.isascii()) == plain


@pytest.mark.parametrize("text", ["agua", "Más buses", "2 - 1", "a=b", "'cita", "😀 sí"])
def test_plain_texts_leave_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("text", ["=1+1", "\uff1d1", " @x", "\ufeff-2", "\t=1", "+57 300"])
def test_what_looks_like_a_formula_is_marked(text: str) -> None:
    assert safe_cell(text).startswith(MARK)


def test_cells_have_the_type_of_what_they_hold(public: Summary) -> None:
    (content,) = export_files(public, BOUND, "xlsx").values()
    book = reopened(content)
    measures = [[c.value for c in row] for row in book["measures"].iter_rows(min_row=2)]
    assert ["A15", 1, 1, "favour", 5, 71.4, 7] in measures
    assert ["A15", 1, 2, "favour", 5, 55.6, 9] in measures


def test_a_hidden_row_has_no_number_in_any_format(public: Summary) -> None:
    rows = read_csv(export_files(public, BOUND, "csv")["answers.csv"])
    hidden = [r for r in rows if r["hidden"] == "true"]
    assert {r["row"] for r in hidden if r["question"] == "A15"} >= {"S2", "S4"}
    assert {(r["row_base"], r["n"], r["percent"]) for r in hidden} == {("", "", "")}


def test_every_column_is_in_the_codebook_and_the_wording_in_four_languages(
    public: Summary,
) -> None:
    files = export_files(public, BOUND, "csv")
    told = {(r["table"], r["column"]) for r in read_csv(files["columns.csv"])}
    heads = {
        (name.removesuffix(".csv"), column)
        for name, content in files.items()
        if name != "columns.csv"
        for column in content.decode("utf-8-sig").splitlines()[0].replace('"', "").split(",")
    }
    assert heads == told
    asked = next(r for r in read_csv(files["codebook.csv"]) if r["question"] == "A15")
    assert len({asked[f"text_{code}"] for code in ("es", "pt", "fr", "en")}) == 4


def test_the_data_package_describes_its_files(public: Summary) -> None:
    files = export_files(public, BOUND, "datapackage")
    package = json.loads(files["datapackage.json"])
    assert package["profile"] == "tabular-data-package"
    assert {r["path"] for r in package["resources"]} == set(files) - {"datapackage.json"}
    readers = {"integer": int, "number": float, "string": str, "boolean": bool}
    for resource in package["resources"]:
        content = files[resource["path"]]
        assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"
        fields = {f["name"]: readers[f["type"]] for f in resource["schema"]["fields"]}
        for row in read_csv(content):
            assert list(row) == list(fields)
            for name, value in row.items():
                assert value == "" or fields[name](value) is not None


def test_the_same_summary_gives_the_same_files(public: Summary) -> None:
    for kind in ("xlsx", "csv", "datapackage"):
        assert export_files(public, BOUND, kind) == export_files(public, BOUND, kind)


def test_the_command_writes_the_public_view_unless_told(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["export", "--instance", str(city), "--format", "csv", "--out", str(out)]
    assert main(asked) == 0
    about = {r["key"]: r["value"] for r in read_csv((out / "about.csv").read_bytes())}
    assert about["view"] == "public"
    assert not (out / "rows.csv").exists()


def test_rows_need_a_reason_and_a_name(city: Path, tmp_path: Path, capsys: Any) -> None:
    asked = ["export", "--instance", str(city), "--rows", "--view", "internal"]
    assert main([*asked, "--out", str(tmp_path / "x")]) == 2
    assert "--reason" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_taking_rows_out_is_audited_and_small_groups_are_folded(
    city: Path, tmp_path: Path, capsys: Any
) -> None:
    out, reason = tmp_path / "rows", "Convenio con la universidad"
    asked = ["--rows", "--view", "internal", "--reason", reason, "--by", "Ana", "--format", "csv"]
    assert main(["export", "--instance", str(city), *asked, "--out", str(out)]) == 0
    rows = read_csv((out / "rows.csv").read_bytes())
    assert len(rows) == 2 * (7 + 9)
    assert {r["question"] for r in rows} == {"A15", "A10"}
    assert {r["sector"] for r in rows} == {"S1", "_grouped"}
    assert not {f"p{n:02d}" for n in range(1, 13)} & {r["response"] for r in rows}
    both = {r["response"] for r in rows if r["wave"] == "1"} & {
        r["response"] for r in rows if r["wave"] == "2"
    }
    assert len(both) == 4
    capsys.readouterr()
    assert main(["officials", "audit", "--instance", str(city)]) == 0
    line = capsys.readouterr().out
    assert "Ana" in line
    assert reason in line
    assert "rows_exported" in line
