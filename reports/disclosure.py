"""Disclosure control: the one place that hides (RC6 to RC6e, ST8). The last step before output.

A row protects people by its base, so that nobody can be worked out from it or by subtraction.
Cells inside a published row stay: hiding small cells would hide disagreement (RC6c).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

GROUPED = "_grouped"
"""The row that gathers the hidden ones, «Otros (agrupados)»."""
UNKNOWN = "_unknown"
"""People of whom the segment is not known: a row of their own."""
ONE_SIDED_BASE = 30
ONE_SIDED_SHARE = Fraction(95, 100)


@dataclass(frozen=True, slots=True)
class Protection:
    """Which rows are hidden, and what may be said of them together.

    `merged`: the hidden codes, if together they are k people or more and something else stays
    visible; else empty and nothing is said. `merged_n` is their number then.
    """

    hidden: frozenset[str]
    merged: tuple[str, ...]
    merged_n: int | None
    only_total: bool


def protect_rows(rows: Mapping[str, int], k: int, *, folded: Iterable[str] = ()) -> Protection:
    """RC6 on the bases of a table's rows. `folded` rows are hidden whatever their base."""
    hidden = {code for code, n in rows.items() if 0 < n < k}
    hidden |= {code for code in folded if rows.get(code)}
    visible = {code: n for code, n in rows.items() if n > 0 and code not in hidden}
    while hidden and visible and (len(hidden) < 2 or _people(rows, hidden) < k):
        smallest = min(visible, key=lambda code: (visible[code], code))
        hidden.add(smallest)
        del visible[smallest]
    people = _people(rows, hidden)
    if not visible:
        return Protection(frozenset(hidden), (), None, only_total=bool(hidden))
    if hidden and people >= k:
        return Protection(frozenset(hidden), tuple(sorted(hidden)), people, only_total=False)
    return Protection(frozenset(hidden), (), None, only_total=False)


def _people(rows: Mapping[str, int], codes: Iterable[str]) -> int:
    return sum(rows[code] for code in codes)


def protect_cells(cells: Mapping[str, int], k: int) -> frozenset[str]:
    """RC6b: the cells of a sensitive question's total that are hidden."""
    return protect_rows(cells, k).hidden


def one_sided(sides: Mapping[str, int], base: int) -> bool:
    """RC6e: under 30 people of whom one side holds 95 % or more; a place like that folds."""
    if not 0 < base < ONE_SIDED_BASE:
        return False
    return any(Fraction(n, base) >= ONE_SIDED_SHARE for n in sides.values())


def table_rows(
    bases: Mapping[str, int],
    k: int,
    cells_of: Callable[[Iterable[str]], list[dict[str, object]]],
    *,
    by: str,
    folded: Iterable[str] = (),
) -> list[dict[str, object]]:
    """The rows of a segment table as they may be shown, the grouped row last.

    `cells_of` gives the choices of a set of rows together.
    """
    protection = protect_rows(bases, k, folded=folded)
    if protection.only_total:
        return []
    shown: list[dict[str, object]] = []
    for code in sorted(bases, key=lambda c: (c == UNKNOWN, c)):
        is_hidden = code in protection.hidden
        shown.append(
            {
                "by": by,
                "code": code,
                "base": None if is_hidden else bases[code],
                "hidden": is_hidden,
                "merged": [],
                "choices": [] if is_hidden else cells_of([code]),
            }
        )
    if protection.merged:
        shown.append(
            {
                "by": by,
                "code": GROUPED,
                "base": protection.merged_n,
                "hidden": False,
                "merged": list(protection.merged),
                "choices": cells_of(protection.merged),
            }
        )
    return shown
