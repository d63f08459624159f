"""How people got in, and how long it took: counts inside, names alone in public."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.cities import import_rows, read_json, small_city


def test_channels_and_minutes_are_told_inside_and_channels_named_in_public(
    tmp_path: Path, capsysbinary: Any
) -> None:
    city = small_city(tmp_path / "city")
    rows = [
        {"participant": f"p{n}", "question": q, "value": v, "language": "fr" if n == 3 else "es",
         "answered_at": f"2026-11-10T10:{at:02}"}
        for n, took in enumerate((2, 9, 4, 30))
        for q, v, at in (("_start", "", 0), ("A15", "4", 1), ("_end", "", took))
    ]  # fmt: skip
    assert import_rows(city, rows) == 0
    asked = ("summary", "--instance", str(city), "--wave", "1")
    inside = read_json(capsysbinary, *asked)["entry"]
    assert inside["median_minutes"] == 4  # of 2, 4, 9 and 30 the lower middle
    assert [(r["code"], r["n"]) for r in inside["by_language"]] == [("es", 3), ("fr", 1)]
    public = read_json(capsysbinary, *asked, "--view", "public")["entry"]
    assert [(r["code"], r["n"]) for r in public["by_language"]] == [("es", None), ("fr", None)]
    assert {r["code"] for r in public["by_channel"]} == {"import"}
