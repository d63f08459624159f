"""How sure a ranking is (ST5): intervals of the ranks by bootstrap, and tiers of themes.

The bootstrap draws people with replacement. People who ranked alike are one pattern, so that a
draw is one multinomial over the patterns and half a million people cost no more than a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

DRAWS = 1_000
LEVEL = 0.95
TOP = 3

Patterns = Sequence[tuple[tuple[str, ...], int]]
"""(themes in the order they were ranked, people)."""


def rank_intervals(
    patterns: Patterns, themes: Sequence[str], most: int, seed: int
) -> dict[str, tuple[int, int]]:
    """Theme to (best, worst) rank that 95 % of 1,000 draws stay within.

    Ranks are RC5's: points, then first places, then mentions. `most`: the longest ranking.
    Patterns with no theme (none, don't know) count as people with no points.
    B. Efron, Bootstrap methods, Ann. Stat. 7 (1979); Goldstein and Spiegelhalter,
    J. R. Stat. Soc. A 159 (1996), for intervals of ranks.
    """
    counts = np.array([n for _, n in patterns], dtype=np.int64)
    base = int(counts.sum())
    if not base or not themes:
        return {}
    draws = np.random.default_rng(seed).multinomial(base, counts / base, size=DRAWS)
    keys = _keys(draws.astype(np.float64), patterns, themes, most)
    ranks = 1 + (keys[:, None, :] > keys[:, :, None]).sum(axis=2)
    tail = (1 - LEVEL) / 2
    low = np.quantile(ranks, tail, axis=0, method="inverted_cdf")
    high = np.quantile(ranks, 1 - tail, axis=0, method="inverted_cdf")
    return {c: (int(a), int(b)) for c, a, b in zip(themes, low, high, strict=True)}


def _keys(
    draws: npt.NDArray[np.float64], patterns: Patterns, themes: Sequence[str], most: int
) -> npt.NDArray[np.float64]:
    """One number per draw and theme that orders as RC5 does."""
    place = {theme: at for at, theme in enumerate(themes)}
    points, first, mentions = (np.zeros((len(patterns), len(themes))) for _ in range(3))
    for row, (codes, _) in enumerate(patterns):
        ranked = [code for code in codes if code in place]
        for position, code in enumerate(ranked):
            points[row, place[code]] = most - position
            mentions[row, place[code]] = 1
        if ranked:
            first[row, place[ranked[0]]] = 1
    people = draws[0].sum() + 1
    # Fractions below one point break ties; exact as long as people squared fits a double.
    finer = (draws @ first) / people + (draws @ mentions) / (people * people)
    return np.asarray(draws @ points + finer)


def tiers(order: Sequence[str], intervals: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Theme to tier, from 1. One begins where an interval lies wholly below its first theme's."""
    found: dict[str, int] = {}
    tier, first = 0, ""
    for theme in order:
        if not first or intervals[theme][0] > intervals[first][1]:
            tier, first = tier + 1, theme
        found[theme] = tier
    return found


def top_three(patterns: Sequence[tuple[tuple[str, ...], float]], theme: str) -> float | None:
    """The share of weight of people who put a theme among their first three; None of none."""
    total = sum(weight for _, weight in patterns)
    named = sum(weight for codes, weight in patterns if theme in codes[:TOP])
    return named / total if total else None
