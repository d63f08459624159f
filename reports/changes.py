"""What changed: between waves (RC9), and between this week and what came before it (ST6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from flows.readings import Readings, Segments
from reports.disclosure import Guard
from reports.percent import percent, points, rounded
from reports.rows import QuestionCells
from reports.statistics.change import Change, compare
from reports.statistics.intervals import LEAST

Shown = list[dict[str, object]]
Composition = tuple[str, str, str]
Counts = dict[Composition, tuple[int, int]]


def changes(tables: Sequence[QuestionCells], readings: Readings, k: int) -> Shown:
    """RC9: consecutive waves, the same question version; persons of both waves apart."""
    found: Shown = []
    for earlier, later in _pairs(tables):
        for name, codes in earlier.question.measures.items():
            found.append(_change(earlier, later, name, codes, readings, k))
    return found


def _pairs(tables: Sequence[QuestionCells]) -> Iterator[tuple[QuestionCells, QuestionCells]]:
    by_key = {
        (t.question.id, t.version, t.wave): t for t in tables if t.question.measures and t.base
    }
    for (question, version, wave), earlier in by_key.items():
        later = by_key.get((question, version, wave + 1))
        if later is not None:
            yield earlier, later


def _change(
    earlier: QuestionCells,
    later: QuestionCells,
    name: str,
    codes: tuple[str, ...],
    readings: Readings,
    k: int,
) -> dict[str, object]:
    before = sum(earlier.counts()[c] for c in codes)
    after = sum(later.counts()[c] for c in codes)
    tested = compare(_composition(earlier.cells, codes), _composition(later.cells, codes))
    return {
        "question": earlier.question.id,
        "measure": name,
        "from": percent(before, earlier.base),
        "to": percent(after, later.base),
        "points": points(before, earlier.base, after, later.base),
        "panel": _panel(earlier, codes, readings, k),
        **_tested(tested),
    }


def _panel(
    earlier: QuestionCells, codes: tuple[str, ...], readings: Readings, k: int
) -> dict[str, object] | None:
    n = before = after = 0
    for name, version, wave, _, was, now, count in readings.panel.rows():
        if (name, version, wave) == (earlier.question.id, earlier.version, earlier.wave):
            n += count
            before += count if was and was[0] in codes else 0
            after += count if now and now[0] in codes else 0
    if n < k:
        return None
    return {
        "n": n,
        "from": percent(before, n),
        "to": percent(after, n),
        "points": points(before, n, after, n),
    }


def week_changes(tables: Sequence[QuestionCells], guard: Guard) -> Shown:
    """ST6: those who came in the week beside those who came before it in the wave.

    They are different people, so that nothing is counted twice. Figures of fewer than 30 people,
    or than k, on either side are not told.
    """
    measured = [t for t in tables if t.question.measures and t.base and not t.question.sensitive]
    if not measured:
        return []
    wave = max(t.wave for t in measured)
    return [
        _week_change(table, name, codes, max(LEAST, guard.k))
        for table in measured
        if table.wave == wave
        for name, codes in table.question.measures.items()
    ]


def _week_change(
    table: QuestionCells, name: str, codes: tuple[str, ...], least: int
) -> dict[str, object]:
    before = _composition(
        ((v, s, n - new) for (v, s, n), new in zip(table.cells, table.new, strict=True)), codes
    )
    after = _composition(
        ((v, s, new) for (v, s, _), new in zip(table.cells, table.new, strict=True)), codes
    )
    bases = [sum(n for _, n in cells.values()) for cells in (before, after)]
    tested = compare(before, after)
    is_told = min(bases) >= least
    return {
        "question": table.question.id,
        "version": table.version,
        "wave": table.wave,
        "measure": name,
        "base_from": bases[0] if is_told else None,
        "base_to": bases[1] if is_told else None,
        "from": _share(tested.before) if is_told else None,
        "to": _share(tested.after) if is_told else None,
        "points": _points(tested) if is_told else None,
        **_tested(tested),
    }


def _composition(
    cells: Iterable[tuple[tuple[str, ...], Segments, int]], codes: tuple[str, ...]
) -> Counts:
    """(in favour or against, base) by who answered: residence, sector, language."""
    hits: dict[Composition, int] = defaultdict(int)
    base: dict[Composition, int] = defaultdict(int)
    for values, segments, n in cells:
        if n > 0:
            cell = (segments.residence, segments.sector, segments.language)
            base[cell] += n
            hits[cell] += n if set(values) & set(codes) else 0
    return {cell: (hits[cell], n) for cell, n in base.items()}


def _tested(tested: Change) -> dict[str, object]:
    same = tested.same if tested.reason != "small_base" else None
    return {
        "appreciable": tested.is_appreciable,
        "reason": tested.reason or None,
        "same_composition": None if same is None else rounded(100 * Fraction(same)),
    }


def _share(share: Fraction | None) -> str | None:
    return None if share is None else rounded(100 * share)


def _points(tested: Change) -> str | None:
    if tested.before is None or tested.after is None:
        return None
    return rounded(100 * (tested.after - tested.before))
