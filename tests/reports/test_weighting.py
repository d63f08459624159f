"""Weighted beside unweighted, per stratum, or a sentence that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.support.cities import import_rows, read_json, small_city

MARGINS = """stratum,variable,category,people,source,date
resident,language,es,900,Censo inventado,2025-06-30
resident,language,pt,100,Censo inventado,2025-06-30
"""


def people(language: str, favour: int, against: int) -> list[dict[str, str]]:
    return [
        {"participant": f"{language}{n}", "question": "A15", "value": "4" if n < favour else "2",
         "language": language, "actor_type": "S1.1", "answered_at": "2026-11-10"}
        for n in range(favour + against)
    ]  # fmt: skip


@pytest.fixture
def city(tmp_path: Path) -> Path:
    city = small_city(tmp_path / "city")
    # 40 in Spanish, 30 for; 40 in Portuguese, 10 for. In the city nine of ten speak Spanish.
    assert import_rows(city, people("es", 30, 10) + people("pt", 10, 30)) == 0
    return city


def support(summary: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(q for q in summary["questions"] if q["id"] == "A15")
    return found


def test_the_weighted_share_stands_beside_the_unweighted(city: Path, capsysbinary: Any) -> None:
    (city / "margins.csv").write_text(MARGINS, encoding="utf-8")
    made = read_json(capsysbinary, "summary", "--instance", str(city), "--wave", "1")
    [stratum] = support(made)["strata"]
    favour = stratum["figures"][0]
    # By hand: 0.9 · 30/40 + 0.1 · 10/40 = 0.70; weights 1.8 and 0.2, deff 2·(0.81 + 0.01) = 1.64.
    assert (favour["percent"], favour["weighted"]) == ("50.0", "70.0")
    assert stratum["effective_n"] == "48.8"
    # Wilson of 0.70 on 80 / 1.64 = 48.78: 0.6854 ± 0.1247.
    assert (favour["low"], favour["high"]) == ("56.1", "81.0")
    [block] = made["weighting"]
    assert (block["design_effect"], block["effective_n"]) == ("1.640", "48.8")
    assert block["margins"] == [
        {"variable": "language", "source": "Censo inventado", "date": "2025-06-30"}]  # fmt: skip
    assert "NOT_WEIGHTED" not in made["notices"]


def test_without_margins_nothing_is_weighted_and_the_page_says_so(
    city: Path, capsysbinary: Any
) -> None:
    made = read_json(capsysbinary, "summary", "--instance", str(city), "--wave", "1")
    assert made["weighting"] == []
    assert all(f["weighted"] is None for f in support(made)["strata"][0]["figures"])
    capsysbinary.readouterr()
    assert main(["summary", "--instance", str(city), "--format", "html"]) == 0
    assert "Nada está ponderado" in capsysbinary.readouterr().out.decode()


def test_a_stratum_that_cannot_be_weighted_says_where(city: Path, capsysbinary: Any) -> None:
    text = MARGINS + "resident,language,fr,50,Censo inventado,2025-06-30\n"
    (city / "margins.csv").write_text(text, encoding="utf-8")
    made = read_json(capsysbinary, "summary", "--instance", str(city), "--wave", "1")
    [block] = made["weighting"]
    assert block["refused"]["reason"] == "empty_target"
    capsysbinary.readouterr()
    assert main(["summary", "--instance", str(city), "--format", "html", "--locale", "en"]) == 0
    page = capsysbinary.readouterr().out.decode()
    assert "in «language» the category «fr» has nobody" in page
    public = read_json(capsysbinary, "summary", "--instance", str(city), "--view", "public")
    assert "fr" not in json.dumps(public["weighting"])


def test_a_wrong_margins_file_is_refused_in_one_sentence(city: Path, capsys: Any) -> None:
    (city / "margins.csv").write_text(MARGINS.replace("900", "muchos"), encoding="utf-8")
    capsys.readouterr()
    assert main(["summary", "--instance", str(city)]) == 1
    assert "margins.csv:2: people must be a whole number" in capsys.readouterr().err
