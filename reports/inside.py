"""What is for inside only: where people stop, who answers otherwise, what asks for attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.consultation import Consultation
from flows.readings import Readings
from reports.concerns import new_concerns
from reports.disclosure import Guard, Rows, protect
from reports.percent import rounded
from reports.rows import QuestionCells, is_valid
from reports.statistics.differences import differences
from reports.statistics.dropoff import drop_off

Shown = list[dict[str, object]]
BURST = 30
BURST_TIMES = 5
HOURS = 168
"""An hour with 30 answers or more, and five times the usual hour of the week, is a burst."""
COMPARED = ("language", "channel", "source")


def stops(readings: Readings) -> Shown:
    """Question by question, how many had come so far and how many stopped there."""
    valid = sum(n for _, state, _, n, _ in readings.responses.rows() if is_valid(state))
    last = [(question, n) for _, question, n in readings.reach.rows()]
    return [
        {"question": stop.question, "reached": stop.reached, "left": stop.left}
        for stop in drop_off(last, readings.order, valid)
    ]


def differing(tables: Sequence[QuestionCells], guard: Guard) -> Shown:
    """Languages, channels and sources whose people answer otherwise than the rest."""
    found: Shown = []
    for table in tables:
        for by in COMPARED if table.base and not table.question.sensitive else ():
            for name, codes in table.question.measures.items():
                found += _differing(table, by, name, codes, guard)
    return found


def _differing(
    table: QuestionCells, by: str, name: str, codes: tuple[str, ...], guard: Guard
) -> Shown:
    bases = table.bases(by)
    hidden = protect(Rows(f"{table.name}.{by}", by, bases), guard).hidden
    rows = {}
    for code in bases:
        if code not in hidden:
            counts, base = table.cells_of(by, [code])
            rows[code] = (sum(counts[c] for c in codes), base)
    return [
        {
            "question": table.question.id,
            "version": table.version,
            "wave": table.wave,
            "by": by,
            "code": found.code,
            "measure": name,
            "base": found.base,
            "percent": rounded(100 * found.share),
            "rest": rounded(100 * found.rest),
            "appreciable": found.is_appreciable,
        }
        for found in differences(rows)
    ]


def alerts(readings: Readings, definition: Consultation, k: int) -> Shown:
    """What asks for attention in the week: an hour with far too many answers, new concerns."""
    found: Shown = []
    most, rest = readings.busiest_hour
    if most >= BURST and most * (HOURS - 1) >= BURST_TIMES * rest:
        found.append({"kind": "burst", "what": "", "n": most})
    before = replace(
        readings, texts=tuple(w for w in readings.texts if w.answered_at < readings.week_start)
    )
    found += [
        {"kind": "concern", "what": word, "n": n}
        for word, n in new_concerns(readings, before, definition, k)
    ]
    return found
