"""Whether people of one language, channel or source answer otherwise than the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist

from reports.statistics.intervals import LEAST


@dataclass(frozen=True, slots=True)
class Difference:
    """A row beside everybody else; `is_appreciable` after correcting for the rows compared."""

    code: str
    base: int
    share: Fraction
    rest: Fraction
    is_appreciable: bool


def differences(rows: Mapping[str, tuple[int, int]], level: float = 0.05) -> list[Difference]:
    """Every row of 30 or more against the rest, from code to (hits, base).

    Two-proportion test with a pooled share; the level is divided by the rows compared
    (Bonferroni), so that many rows do not find a difference by luck.
    """
    hits, base = sum(x for x, _ in rows.values()), sum(n for _, n in rows.values())
    compared = [c for c, (_, n) in rows.items() if n >= LEAST and base - n >= LEAST]
    if not compared:
        return []
    z = NormalDist().inv_cdf(1 - level / (2 * len(compared)))
    found = []
    for code in sorted(compared):
        x, n = rows[code]
        share, rest = Fraction(x, n), Fraction(hits - x, base - n)
        pooled = hits / base
        spread = sqrt(pooled * (1 - pooled) * (1 / n + 1 / (base - n)))
        found.append(Difference(code, n, share, rest, abs(float(share - rest)) > z * spread))
    return found
