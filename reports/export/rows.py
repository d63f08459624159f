"""Rows of answers as a table, small groups folded, in an order that says nothing of when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.readings import RowAnswer
from reports.disclosure import GROUPED, protect_rows
from reports.export.tables import Column, Table

FOLDED = ("residence", "country", "sector", "actor_type", "language", "channel")
COLUMNS = (
    Column("response", "string", "one response; the same person keeps it over waves"),
    Column("wave", "integer", "wave"),
    Column("question", "string", "code of the question"),
    Column("version", "integer", "version of its meaning"),
    Column("kind", "string", "given or skipped"),
    Column("value", "string", "codes, in order, joined by |"),
    *(Column(name, "string", f"{name}; _grouped where few share it") for name in FOLDED),
)


def rows_table(rows: Iterable[RowAnswer], k: int) -> Table:
    """The rows with every segment value under k responses folded into _grouped (RC6, ST8)."""
    listed = sorted(rows)
    people: dict[tuple[str, int], RowAnswer] = {(r.response, r.wave): r for r in listed}
    kept = {name: _kept(people.values(), name, k) for name in FOLDED}
    made = [
        (r.response, r.wave, r.question, r.version, r.kind, r.value)
        + tuple(_folded(getattr(r.segments, name), kept[name]) for name in FOLDED)
        for r in listed
    ]
    return Table("rows", "Answers row by row, small groups folded", COLUMNS, tuple(made))


def _kept(people: Iterable[RowAnswer], name: str, k: int) -> frozenset[str]:
    counts = Counter(getattr(r.segments, name) for r in people)
    hidden = protect_rows(counts, k).hidden
    return frozenset(counts) - hidden


def _folded(value: str, kept: frozenset[str]) -> str:
    return value if value in kept else GROUPED
