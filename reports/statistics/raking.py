"""Raking: weights that bring a stratum to known margins (ST3), by iterative proportional fitting.

W. E. Deming and F. F. Stephan, On a least squares adjustment of a sampled frequency table,
Ann. Math. Stat. 11 (1940), 427-444. Weights are per distinct pattern of the margins' variables,
so that half a million people are a few hundred numbers. They are capped and raked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reports.errors import Refused
from reports.statistics.weights import Quality, quality

Array = npt.NDArray[np.float64]
Targets = Mapping[str, Mapping[str, float]]
"""Variable to category to people in the population."""

CAP = 5.0
"""No weight above so many times the mean weight."""
SWEEPS = 2_000
CAPPINGS = 50
TOLERANCE = 1e-10
TOTALS = 1e-6
"""Relative difference from which two margins disagree in total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The people of a stratum by distinct pattern: `codes[i]` in the order of `variables`.

    An empty code is a missing value.
    """

    stratum: str
    variables: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    n: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raked:
    """The weight of every pattern, and what weighting costs.

    `moved`: share of all weight that the cap took away. `gap`: largest distance, as a share of
    the whole, between a weighted margin and its target; above 0 only where the cap forbids more.
    """

    weights: tuple[float, ...]
    quality: Quality
    moved: float
    gap: float


def rake(cells: Cells, targets: Targets, *, cap: float | None = CAP) -> Raked:
    """Weights that add up to the population. Raises Refused, saying where."""
    margins = _margins(cells, targets)
    n = np.array(cells.n, dtype=np.float64)
    weights = _fit(cells, np.ones(len(n)), n, margins)
    weights, moved = _capped(cells, weights, n, margins, cap)
    gap = max(
        float(np.abs(np.bincount(at, n * weights, len(t)) - t).max() / t.sum())
        for at, t in margins
    )
    return Raked(
        weights=tuple(map(float, weights)),
        quality=quality(weights, n),
        moved=moved,
        gap=0.0 if gap < 1e-9 else gap,
    )


def _margins(cells: Cells, targets: Targets) -> list[tuple[npt.NDArray[np.intp], Array]]:
    """Per variable: the category of every pattern, and the targets. Refuses what cannot work."""
    people = np.array(cells.n)
    margins = []
    for at, variable in enumerate(cells.variables):
        column = [codes[at] for codes in cells.codes]
        wanted = targets[variable]
        _check_column(cells, variable, column, wanted)
        place = {category: i for i, category in enumerate(wanted)}
        index = np.array([place[code] for code in column], dtype=np.intp)
        margins.append((index, np.array(list(wanted.values()), dtype=np.float64)))
        for category, n in zip(wanted, np.bincount(index, people, len(wanted)), strict=True):
            if n <= 0 or wanted[category] <= 0:
                _refuse(cells, "empty_target", variable=variable, category=category)
    _check_totals(cells, targets)
    return margins


def _check_column(
    cells: Cells, variable: str, column: list[str], wanted: Mapping[str, float]
) -> None:
    missing = sum(n for code, n in zip(column, cells.n, strict=True) if not code)
    if missing:
        _refuse(cells, "missing_value", variable=variable, n=missing)
    for code in column:
        if code not in wanted:
            _refuse(cells, "no_target", variable=variable, category=code)


def _check_totals(cells: Cells, targets: Targets) -> None:
    totals = {name: sum(targets[name].values()) for name in cells.variables}
    first = cells.variables[0]
    for name, total in totals.items():
        if abs(total - totals[first]) > TOTALS * totals[first]:
            _refuse(cells, "totals_disagree", variable=first, total=f"{totals[first]:.10g}",
                    other=name, other_total=f"{total:.10g}")  # fmt: skip


def _refuse(cells: Cells, reason: str, **values: object) -> None:
    raise Refused(reason, stratum=cells.stratum, **values)


def _fit(
    cells: Cells, start: Array, n: Array, margins: list[tuple[npt.NDArray[np.intp], Array]]
) -> Array:
    """Fit the margins in turn until all hold at once."""
    weights, gaps = start.copy(), [np.ones(1)] * len(margins)
    for _ in range(SWEEPS):
        for i, (index, wanted) in enumerate(margins):
            factor = wanted / np.bincount(index, n * weights, len(wanted))
            gaps[i] = np.abs(factor - 1)
            weights = weights * factor[index]
        if max(gap.max() for gap in gaps) < TOLERANCE:
            return weights
    worst = max(range(len(margins)), key=lambda i: float(gaps[i].max()))
    raise Refused("no_convergence", stratum=cells.stratum, variable=cells.variables[worst],
                  sweeps=SWEEPS)  # fmt: skip


def _capped(
    cells: Cells,
    weights: Array,
    n: Array,
    margins: list[tuple[npt.NDArray[np.intp], Array]],
    cap: float | None,
) -> tuple[Array, float]:
    """The weights under the cap, raked again; and the share of weight that the first cap moved.

    Where margins and cap cannot hold together the cap holds, and the gap is reported.
    """
    total = float((n * weights).sum())
    most = np.inf if cap is None else cap * total / float(n.sum())
    moved = float((n * np.maximum(weights - most, 0)).sum() / total)
    for _ in range(CAPPINGS):
        if not (weights > most * (1 + 1e-9)).any():
            return weights, moved
        weights = _fit(cells, np.minimum(weights, most), n, margins)
    return np.minimum(weights, most), moved
