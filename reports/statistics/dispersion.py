"""Whether a ranking gathers on a few themes: the share of all points in its first three."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

FIRST = 3


def dispersion(points: Iterable[int]) -> Fraction | None:
    """Share of the points that the three themes with most of them hold; None without points.

    With seven themes of equal weight it is 3/7; near 1 almost everybody names the same three.
    """
    ordered = sorted(points, reverse=True)
    total = sum(ordered)
    return Fraction(sum(ordered[:FIRST]), total) if total else None
