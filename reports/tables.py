"""`tertulia table`: one question by one segment, under the same protection as the summary."""

from __future__ import annotations

from flows.binding import BoundConsultation
from flows.readings import Readings
from reports.errors import OnlyInTotal, ReportError
from reports.questions import cells, measured, question_entry, reported, segment_rows
from reports.rows import fold

BY = ("sector", "actor_type", "country", "language", "channel")


def segment_table(
    readings: Readings, bound: BoundConsultation, *, question: str, by: str, view: str
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
    thresholds = bound.instance.city.thresholds
    is_public = view == "public"
    k = thresholds.public if is_public else thresholds.internal
    tables = [t for t in fold(readings, [asked]) if t.base]
    entries = []
    for table in tables:
        has_twin = sum(t.wave == table.wave for t in tables) > 1
        entry = question_entry(table, readings, k, is_public=is_public, has_twin=has_twin)
        is_withheld = is_public and has_twin
        entries.append(
            {
                **entry,
                "choices": [] if is_withheld else cells(table.codes(), table.counts(), table.base),
                "measures": [] if is_withheld else measured(table),
                "rows": [] if is_withheld else segment_rows(table, by, k),
            }
        )
    return {
        "schema": "tertulia.table/1",
        "question": question,
        "by": by,
        "view": view,
        "week": readings.week,
        "wave": readings.wave,
        "tables": entries,
    }
