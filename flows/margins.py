"""`margins.csv`: how many people of each kind a population has, with source and date (ST3).

One row per category: stratum, variable, category, people, source, date. Residents and people
abroad are separate strata. Categories may be joined: `C01|C02` is one category of two areas.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from flows.yaml_source import Reader

COLUMNS = ("stratum", "variable", "category", "people", "source", "date")
STRATA = ("resident", "abroad")
VARIABLES = ("area", "country", "sector", "actor_type", "language")
JOINED = "|"

Known = Mapping[str, Collection[str]]
"""The codes that a variable can have; an empty collection leaves them open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The people of a stratum by one variable; `people` maps category to people."""

    stratum: str
    variable: str
    people: Mapping[str, int]
    source: str
    on: date

    def category_of(self, code: str) -> str:
        """The category a code belongs to; the code itself when none lists it."""
        return next((c for c in self.people if code in c.split(JOINED)), code)


@dataclass(slots=True)
class _Row:
    line: int
    stratum: str
    variable: str
    category: str
    people: int
    source: str
    on: date


def parse_margins(text: str, source: str, known: Known) -> tuple[Margin, ...]:
    """The margins, in the order of the file. Raises DefinitionError with every mistake."""
    if not text.strip():
        return ()
    reader = Reader(source)
    plain = text.lstrip("\ufeff")
    head = plain.splitlines()[0]
    rows = csv.DictReader(io.StringIO(plain), delimiter=";" if ";" in head else ",")
    absent = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if absent:
        named = ", ".join(absent)
        reader.wrong(
            1, "column", f"The first line lacks: {named}. It must be {','.join(COLUMNS)}."
        )
        reader.finish()
    read = [_row(reader, line, row, known) for line, row in enumerate(rows, start=2)]
    margins = _gather(reader, [row for row in read if row is not None])
    _check_totals(reader, margins, read)
    reader.finish()
    return tuple(margins)


def _row(reader: Reader, line: int, row: Mapping[str, str | None], known: Known) -> _Row | None:
    given = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not any(given.values()):
        return None
    _check_codes(reader, line, given, known)
    people = given["people"]
    if not (people.isascii() and people.isdigit() and 0 < int(people) < 10**10):
        reader.wrong(line, "people", f"people must be a whole number above 0 without separators, "
                                     f"not «{people}».")  # fmt: skip
        people = "1"
    if not given["source"]:
        reader.wrong(line, "source", "source is missing: say who counted these people.")
    return _Row(line, given["stratum"], given["variable"], given["category"], int(people),
                given["source"], _day(reader, line, given["date"]))  # fmt: skip


def _check_codes(reader: Reader, line: int, given: Mapping[str, str], known: Known) -> None:
    for name, wanted in (("stratum", STRATA), ("variable", VARIABLES)):
        if given[name] not in wanted:
            said = f"There is no {name} «{given[name]}». There is: {', '.join(wanted)}."
            reader.wrong(line, name, said)
    codes = known.get(given["variable"], ())
    for code in given["category"].split(JOINED):
        if not code or (codes and code not in codes):
            said = f"There is no {given['variable'] or 'variable'} with the code «{code}»."
            reader.wrong(line, "category", said + " Write the code and not the name.")


def _day(reader: Reader, line: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        reader.wrong(line, "date", f"date must be a day such as 2025-06-30, not «{text}».")
        return date(1970, 1, 1)


def _gather(reader: Reader, rows: list[_Row]) -> list[Margin]:
    people: dict[tuple[str, str], dict[str, int]] = {}
    first: dict[tuple[str, str], _Row] = {}
    for row in rows:
        key = (row.stratum, row.variable)
        head = first.setdefault(key, row)
        counted = people.setdefault(key, {})
        listed = {code for category in counted for code in category.split(JOINED)}
        for code in row.category.split(JOINED):
            if code in listed:
                said = f"«{code}» of {row.variable} is given twice for {row.stratum}; keep one."
                reader.wrong(row.line, "twice", said)
        if (row.source, row.on) != (head.source, head.on):
            said = f"{row.variable} has another source or date in line {head.line}; use one."
            reader.wrong(row.line, "source", said)
        counted[row.category] = row.people
    return [
        Margin(stratum=s, variable=v, people=counted, source=first[s, v].source, on=first[s, v].on)
        for (s, v), counted in people.items()
    ]


def _check_totals(reader: Reader, margins: list[Margin], rows: list[_Row | None]) -> None:
    """Every variable of a stratum must add up to the same people."""
    heads: dict[str, Margin] = {}
    for margin in margins:
        head = heads.setdefault(margin.stratum, margin)
        total, other = sum(margin.people.values()), sum(head.people.values())
        if total != other:
            line = next(
                row.line
                for row in rows
                if row and (row.stratum, row.variable) == (margin.stratum, margin.variable)
            )
            said = (
                f"{margin.stratum}: {margin.variable} adds up to {total} people and "
                f"{head.variable} to {other}. They must add up to the same."
            )
            reader.wrong(line, "total", said)
