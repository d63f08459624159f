"""margins.csv: read as it is, refused with every mistake, its place and its mend at once."""

from __future__ import annotations

from datetime import date

import pytest

from flows.errors import DefinitionError
from flows.margins import Margin, parse_margins

KNOWN = {"area": ["C01", "C02", "C03"], "country": ["ES", "FR"], "language": ["es", "fr"]}
HEAD = "stratum,variable,category,people,source,date\n"


def parse(text: str) -> tuple[Margin, ...]:
    return parse_margins(text, "margins.csv", KNOWN)


def test_margins_keep_their_source_and_their_date() -> None:
    text = HEAD + (
        "resident,area,C01|C02,700,Censo,2025-06-30\n"
        "resident,area,C03,300,Censo,2025-06-30\n"
        "abroad,country,ES,50,Registro consular,2026-01-01\n"
    )
    areas, abroad = parse(text)
    assert (areas.stratum, areas.variable, areas.people) == (
        "resident", "area", {"C01|C02": 700, "C03": 300})  # fmt: skip
    assert (areas.source, areas.on) == ("Censo", date(2025, 6, 30))
    assert [areas.category_of(c) for c in ("C01", "C02", "C03", "C09")] == [
        "C01|C02", "C01|C02", "C03", "C09"]  # fmt: skip
    assert abroad.source == "Registro consular"
    assert parse(text.replace(",", ";")) == (areas, abroad)
    assert parse("") == ()


def test_all_mistakes_come_at_once_each_with_place_and_mend() -> None:
    text = HEAD + (
        "residents,area,C01,700,Censo,2025-06-30\n"
        "resident,area,Centro,700,Censo,2025-06-30\n"
        "resident,area,C02,7.000,Censo,2025-06-30\n"
        "resident,area,C02,10,,ayer\n"
        "resident,language,es,5,Censo,2025-06-30\n"
    )
    with pytest.raises(DefinitionError) as refused:
        parse(text)
    said = str(refused.value)
    for part in (
        "margins.csv:2: There is no stratum «residents». There is: resident, abroad.",
        "margins.csv:3: There is no area with the code «Centro». Write the code",
        "margins.csv:4: people must be a whole number above 0 without separators, not «7.000».",
        "margins.csv:5: source is missing",
        "margins.csv:5: date must be a day such as 2025-06-30, not «ayer».",
        "margins.csv:5: «C02» of area is given twice",
        "margins.csv:6: resident: language adds up to 5 people and area to",
    ):
        assert part in said


def test_a_file_without_its_columns_is_told_which_are_missing() -> None:
    with pytest.raises(DefinitionError, match="lacks: category, source"):
        parse("stratum,variable,people,date\nresident,area,10,2025-06-30\n")
