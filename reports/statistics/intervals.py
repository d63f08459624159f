"""The interval of a share: Wilson on the effective n, called model uncertainty (ST4).

Nobody was drawn at random: the interval says how much a share would move if other people like
those who answered had answered. It is no statement about the whole city.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

LEAST = 30
"""No interval is printed when the base or the effective base is below it."""
Z95 = NormalDist().inv_cdf(0.975)


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Lower and upper end of the share; `n` may be a fraction (an effective n), above 0.

    E. B. Wilson, Probable inference, J. Am. Stat. Assoc. 22 (1927), 209-212.
    """
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def interval(share: float, base: int, effective: float) -> tuple[float, float] | None:
    """The interval that may be printed, or None where the base is too small to have one."""
    if base < LEAST or effective < LEAST:
        return None
    return wilson(share, effective)
