"""`tertulia table`: one question by one segment, under the same protection as the summary."""

from __future__ import annotations

from flows.binding import BoundConsultation
from flows.readings import Readings
from reports.disclosure import Guard
from reports.errors import OnlyInTotal, ReportError
from reports.questions import cells, measured, question_entry, reported, segment_rows
from reports.rows import fold
from reports.summary import Summary

BY = ("sector", "actor_type", "country", "language", "channel")


def segment_table(
    readings: Readings, bound: BoundConsultation, guard: Guard, *, question: str, by: str
) -> dict[str, object]:
    """The table of every wave and version of a question. Raises ReportError."""
    asked = next((q for q in reported(bound.definition) if q.id == question), None)
    if asked is None:
        known = ", ".join(q.id for q in reported(bound.definition))
        raise ReportError(f"No hay tabla de «{question}». Hay de: {known}.")
    if asked.sensitive:
        raise OnlyInTotal
    if by not in BY:
        raise ReportError(f"No hay filas por «{by}». Hay por: {', '.join(BY)}.")
    home = bound.instance.city.country
    tables = [t for t in fold(readings, [asked]) if t.base]
    entries = []
    for table in tables:
        has_twin = sum(t.wave == table.wave for t in tables) > 1
        entry = question_entry(table, readings, guard, has_twin=has_twin, home=home)
        is_withheld = guard.is_public and has_twin
        entries.append(
            {
                **entry,
                "choices": [] if is_withheld else cells(table.codes(), table.counts(), table.base),
                "measures": [] if is_withheld else measured(table),
                "rows": [] if is_withheld else segment_rows(table, by, guard, home),
            }
        )
    return {
        "schema": "tertulia.table/1",
        "question": question,
        "by": by,
        "view": "public" if guard.is_public else "internal",
        "week": readings.week,
        "wave": readings.wave,
        "tables": entries,
    }


def as_published(made: dict[str, object], summary: Summary) -> dict[str, object]:
    """The table with the rows of the publication wherever it has them.

    They are not made again: answers withdrawn since would show in the difference.
    """
    published = {(q["id"], q["version"], q["wave"]): q for q in summary["questions"]}
    for entry in made["tables"]:  # type: ignore[attr-defined]  # a list of entries
        last = published.get((entry["id"], entry["version"], entry["wave"]))
        rows = [row for row in last["rows"] if row["by"] == made["by"]] if last else []
        if last and rows:
            entry |= {**last, "rows": rows}
    return made
