"""Whether a share changed between two groups of people, and not only who answered (ST6).

A change is named when it is beyond its uncertainty twice: as it stands, and between two groups
of the same composition (direct standardisation over the cells that both groups have).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TypeVar

from reports.statistics.intervals import LEAST, Z95

Cell = TypeVar("Cell", bound=Hashable)
Counts = Mapping[Cell, tuple[int, int]]
"""Composition cell to (hits, base)."""

SHARED = Fraction(4, 5)
"""Both groups must have at least this share of their people in cells that both have."""


@dataclass(frozen=True, slots=True)
class Change:
    """From one share to another. `same` is the difference between equal compositions.

    `reason` says why a change is not named: `small_base`, `uncertain`, or `composition` (it is
    explained by who answered, or too few people can be compared); empty when it is named.
    """

    before: Fraction | None
    after: Fraction | None
    same: float | None
    reason: str

    @property
    def is_appreciable(self) -> bool:
        """Whether the change may be named."""
        return not self.reason


def compare(before: Counts[Cell], after: Counts[Cell]) -> Change:
    """The change from one group of people to another that it does not overlap with."""
    (hits, base), (later_hits, later_base) = _sum(before), _sum(after)
    first = Fraction(hits, base) if base else None
    second = Fraction(later_hits, later_base) if later_base else None
    if first is None or second is None or min(base, later_base) < LEAST:
        return Change(first, second, None, "small_base")
    difference = float(second - first)
    spread = sqrt(_variance(hits, base) + _variance(later_hits, later_base))
    same, same_spread = _standardised(before, after)
    reason = ""
    if abs(difference) <= Z95 * spread:
        reason = "uncertain"
    elif same is None or abs(same) <= Z95 * same_spread or same * difference < 0:
        reason = "composition"
    return Change(first, second, same, reason)


def _sum(cells: Counts[Cell]) -> tuple[int, int]:
    return sum(x for x, _ in cells.values()), sum(n for _, n in cells.values())


def _variance(hits: int, n: int) -> float:
    """Of a share, by the plus-two rule, so that a cell of one person is not certain."""
    share = (hits + 1) / (n + 2)
    return share * (1 - share) / n


def _standardised(before: Counts[Cell], after: Counts[Cell]) -> tuple[float | None, float]:
    """The difference of the shares, and its spread, with the weights of both groups together."""
    shared = [c for c in before if c in after and before[c][1] and after[c][1]]
    for cells in (before, after):
        inside = sum(cells[c][1] for c in shared)
        if inside < SHARED * _sum(cells)[1]:
            return None, 0.0
    weights = {c: before[c][1] + after[c][1] for c in shared}
    total = sum(weights.values())
    difference = variance = 0.0
    for cell, weight in weights.items():
        (x, n), (later_x, later_n) = before[cell], after[cell]
        part = weight / total
        difference += part * (later_x / later_n - x / n)
        variance += part * part * (_variance(x, n) + _variance(later_x, later_n))
    return difference, sqrt(variance)
