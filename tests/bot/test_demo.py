"""The made-up city comes out as promised, the same for the same seed, and labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert (
        main(["demo", "--headless", "--people", "300", "--seed", "7", "--out", str(folder)]) == 0
    )
    return folder


@pytest.fixture(scope="module")
def summary(out: Path) -> Any:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def test_three_hundred_valid_responses_over_three_weeks(summary: Any) -> None:
    who = summary["participation"]
    assert who["valid"] == 300
    assert who["abroad"] >= 90
    assert 0 < who["new_this_week"] < 200


def test_two_sectors_are_silent_and_a_quarter_to_a_third_is_against(summary: Any) -> None:
    sectors = summary["participation"]["by_sector"]
    assert [r["code"] for r in sectors if r["state"] == "silent"] == ["S5", "S6"]
    support = next(q for q in summary["questions"] if q["id"] == "A15")
    against = next(m for m in support["measures"] if m["code"] == "against")
    assert 25 <= float(against["percent"]) <= 35


def test_four_countries_stand_above_k_and_one_theme_is_answered(summary: Any) -> None:
    countries = summary["participation"]["countries"]
    assert sum((c["n"] or 0) >= 10 for c in countries) == 4
    assert summary["replies"]["answered"] == 1


def test_every_format_says_that_the_data_are_made_up(out: Path) -> None:
    for name in ("summary.txt", "summary.html"):
        assert "DATOS INVENTADOS" in (out / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert main(["demo", "--headless", "--people", "300", "--seed", "7", "--out", str(again)]) == 0
    for name in ("summary.json", "summary.pdf", "summary.html"):
        assert (again / name).read_bytes() == (out / name).read_bytes()
