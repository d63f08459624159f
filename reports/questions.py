"""The tables of questions: totals, measures, rows by segment, rankings, changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.consultation import Consultation, Question, QuestionType, Role
from flows.readings import Readings
from reports.disclosure import Guard, Rows, one_sided, protect, shown_rows
from reports.percent import percent
from reports.rows import QuestionCells, valid_by_wave

Shown = list[dict[str, object]]
OPEN = frozenset({QuestionType.TEXT, QuestionType.NUMBER, QuestionType.DATE})


def reported(definition: Consultation) -> list[Question]:
    """The questions with a table: not the segments, whose numbers are participation's."""
    return [
        q
        for q in definition.questions
        if q.type not in (QuestionType.CONSENT, QuestionType.INFO)
        and q.role is not Role.PERMISSIONS
        and q.store == "answers"
        and (not q.segment or q.sensitive)
    ]


def segments_shown(question: Question) -> list[str]:
    """The segments that a summary shows a question by."""
    names = ["sector"]
    if question.role in (Role.SUPPORT, Role.THEMES):
        names += ["residence", "country", "language"]
    return names


def question_entry(
    table: QuestionCells, readings: Readings, guard: Guard, *, has_twin: bool, home: str
) -> dict[str, object]:
    """One question, version and wave of the summary. `home`: the city's country."""
    question = table.question
    not_shown, not_reached = unanswered(table, readings)
    is_withheld = guard.is_public and has_twin
    choices, measures, rows = ([], [], []) if is_withheld else _parts(table, guard, home)
    return {
        "id": question.id,
        "version": table.version,
        "wave": table.wave,
        "type": str(question.type),
        "base": None if is_withheld else table.base,
        "skipped": table.skipped,
        "not_shown": not_shown,
        "not_reached": not_reached,
        "choices": choices,
        "measures": measures,
        "rows": rows,
        "strata": [],
    }


def _parts(table: QuestionCells, guard: Guard, home: str) -> tuple[Shown, Shown, Shown]:
    question, counts = table.question, table.counts()
    if question.type in OPEN:
        return [], [], []
    if question.sensitive:
        sensitive = Rows(f"{table.name}.choice", "choice", counts)
        hidden = protect(sensitive, guard).hidden
        return cells(table.codes(), counts, table.base, hidden), [], []
    rows = [
        row for name in segments_shown(question) for row in segment_rows(table, name, guard, home)
    ]
    return cells(table.codes(), counts, table.base), measured(table), rows


def cells(
    codes: Iterable[str], counts: Counter[str], base: int, hidden: Iterable[str] = ()
) -> Shown:
    """Counts and shares of codes; hidden ones carry neither."""
    kept = set(hidden)
    return [
        {
            "code": code,
            "n": None if code in kept else counts[code],
            "percent": None if code in kept else percent(counts[code], base),
            "hidden": code in kept,
        }
        for code in codes
    ]


def measured(table: QuestionCells) -> Shown:
    """In favour and against, of the base."""
    counts, base = table.counts(), table.base
    return [
        {
            "code": name,
            "n": (n := sum(counts[code] for code in codes)),
            "percent": percent(n, base),
        }
        for name, codes in table.question.measures.items()
    ]


def segment_rows(table: QuestionCells, name: str, guard: Guard, home: str = "") -> Shown:
    """The rows of a segment table, protected; one-sided small places fold (RC6e)."""
    bases = table.bases(name)
    folded = {code for code in bases if name == "country" and _is_one_sided(table, code)}

    def cells_of(rows: Iterable[str]) -> Shown:
        counts, base = table.cells_of(name, rows)
        return cells(table.codes(), counts, base)

    rows = Rows(f"{table.name}.{name}", name, bases, frozenset(folded), home)
    return shown_rows(rows, guard, cells_of)


def _is_one_sided(table: QuestionCells, country: str) -> bool:
    counts, base = table.cells_of("country", [country])
    measures = table.question.measures.items()
    sides = {side: sum(counts[c] for c in codes) for side, codes in measures}
    return one_sided(sides, base)


def unanswered(table: QuestionCells, readings: Readings) -> tuple[int, int]:
    """(not shown, not reached) for the version that is asked now; 0 for an older one."""
    question = table.question
    if table.version != question.version:
        return 0, 0
    valid = valid_by_wave(readings).get(table.wave, 0)
    given = sum(
        n
        for name, _, wave, _, _, _, n in readings.answers.rows()
        if name == question.id and wave == table.wave
    )
    order = readings.order
    at = order.get(question.id, 0)
    not_reached = sum(
        n
        for wave, last, n in readings.reach.rows()
        if wave == table.wave and order.get(last, -1) < at
    )
    return max(valid - given - not_reached, 0), not_reached
