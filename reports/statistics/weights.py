"""What weighting costs: Kish's design effect, the effective n, the range of the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Quality:
    """Of `base` people; `low` and `high` are the smallest and largest weight over the mean."""

    base: int
    design_effect: float
    effective_n: float
    low: float
    high: float


def quality(weights: npt.NDArray[np.float64], n: npt.NDArray[np.float64]) -> Quality:
    """Of one weight per pattern and the people in each pattern.

    L. Kish, Survey Sampling (1965), 11.7: n times the sum of squared weights over their sum
    squared.
    """
    base = float(n.sum())
    total, squares = float((n * weights).sum()), float((n * weights * weights).sum())
    effect = base * squares / (total * total)
    used = weights[n > 0] * base / total
    return Quality(int(base), effect, base / effect, float(used.min()), float(used.max()))
