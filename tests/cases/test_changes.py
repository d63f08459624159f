"""Waves, panel and weeks, on cases of our own, counted by hand (RC9, ST6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.support.cities import import_rows, read_json, small_city

Row = dict[str, str]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return small_city(tmp_path / "city")


def said(names: range, favour: int, day: str, **more: str) -> list[Row]:
    """The first `favour` of these people are in favour, the others against."""
    return [
        {"participant": f"{more.get('country', '')}{n}", "question": "A15",
         "value": "4" if at < favour else "2", "answered_at": day, **more}
        for at, n in enumerate(names)
    ]  # fmt: skip


def test_waves_and_panel_are_two_lines(city: Path, capsysbinary: Any) -> None:
    # Wave 1: 1…60, the first 36 in favour (60.0 %). Wave 2: 21…80, the first 18, that is
    # 21…38, in favour (30.0 %). Both: 21…60, 40 people: 21…36 in favour before (16, 40.0 %),
    # 21…38 after (18, 45.0 %). The cross-section falls by 30.0 and the panel rises by 5.0.
    day = "2026-11-10"
    assert import_rows(city, said(range(1, 61), 36, day), wave=1) == 0
    assert import_rows(city, said(range(21, 81), 18, day), wave=2) == 0
    made = read_json(capsysbinary, "summary", "--instance", str(city))
    favour = next(c for c in made["changes"] if c["measure"] == "favour")
    assert (favour["from"], favour["to"], favour["points"]) == ("60.0", "30.0", "-30.0")
    assert favour["panel"] == {"n": 40, "from": "40.0", "to": "45.0", "points": "5.0"}
    assert favour["appreciable"]


def test_a_week_is_beside_the_weeks_before_it(city: Path, capsysbinary: Any) -> None:
    # 40 people in week 45, 30 in favour (75.0 %); 40 others in week 46, 12 in favour (30.0 %).
    rows = said(range(40), 30, "2026-11-04") + said(range(40, 80), 12, "2026-11-11")
    assert import_rows(city, rows) == 0
    asked = ["summary", "--instance", str(city), "--wave", "1", "--week", "2026-W46"]
    favour = read_json(capsysbinary, *asked)["week_changes"][0]
    assert (favour["base_from"], favour["base_to"]) == (40, 40)
    assert (favour["from"], favour["to"], favour["points"]) == ("75.0", "30.0", "-45.0")
    assert (favour["appreciable"], favour["same_composition"]) == (True, "-45.0")
    capsysbinary.readouterr()
    assert main([*asked, "--format", "text"]) == 0
    assert "Esta semana, a favor: 30,0%; antes 75,0%" in capsysbinary.readouterr().out.decode()


def test_other_people_are_no_change(city: Path, capsysbinary: Any) -> None:
    # Here 80 % are in favour and abroad 20 %, in both weeks; only the mix turns around:
    # week 45 has 60 here (48) and 20 abroad (4): 65.0 %; week 46 20 (16) and 60 (12): 35.0 %.
    rows = [
        *said(range(60), 48, "2026-11-04", country="CO"),
        *said(range(20), 4, "2026-11-04", country="ES"),
        *said(range(60, 80), 16, "2026-11-11", country="CO"),
        *said(range(20, 80), 12, "2026-11-11", country="ES"),
    ]
    assert import_rows(city, rows) == 0
    asked = ["summary", "--instance", str(city), "--wave", "1", "--week", "2026-W46"]
    favour = read_json(capsysbinary, *asked)["week_changes"][0]
    assert (favour["from"], favour["to"]) == ("65.0", "35.0")
    assert (favour["appreciable"], favour["reason"]) == (False, "composition")
    assert favour["same_composition"] == "0.0"
    capsysbinary.readouterr()
    assert main([*asked, "--format", "text"]) == 0
    assert "Sin cambio apreciable" in capsysbinary.readouterr().out.decode()


def test_a_week_of_few_people_gives_no_figures(city: Path, capsysbinary: Any) -> None:
    rows = said(range(40), 30, "2026-11-04") + said(range(40, 60), 0, "2026-11-11")
    assert import_rows(city, rows) == 0
    asked = ["summary", "--instance", str(city), "--wave", "1", "--week", "2026-W46"]
    favour = read_json(capsysbinary, *asked)["week_changes"][0]
    assert (favour["to"], favour["base_to"], favour["reason"]) == (None, None, "small_base")
