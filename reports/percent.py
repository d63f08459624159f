"""Shares, from exact fractions, rounded half up (RC3): 1/16 is 6.3, never 6.2."""

from __future__ import annotations

from fractions import Fraction


def percent(n: int, base: int) -> str | None:
    """100·n/base with one decimal and a point; None when the base is 0."""
    return rounded(Fraction(100 * n, base)) if base else None


def points(from_n: int, from_base: int, to_n: int, to_base: int) -> str | None:
    """The difference of two shares in percentage points, from the exact fractions."""
    if not from_base or not to_base:
        return None
    return rounded(Fraction(100 * to_n, to_base) - Fraction(100 * from_n, from_base))


def rounded(exact: Fraction) -> str:
    """One decimal, half up on the exact value (away from zero when negative)."""
    tenths = abs(exact) * 10
    whole = (2 * tenths.numerator + tenths.denominator) // (2 * tenths.denominator)
    sign = "-" if exact < 0 and whole else ""
    return f"{sign}{whole // 10}.{whole % 10}"
