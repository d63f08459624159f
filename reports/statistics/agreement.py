"""How far two coders agree (RC11): the share coded alike, and Cohen's kappa."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Agreement:
    """`n` texts coded by both; `observed` of them alike; `kappa` is None when it says nothing.

    Kappa has no meaning when chance alone would make both coders agree on every text.
    """

    n: int
    observed: Fraction
    kappa: Fraction | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement | None:
    """Agreement over (code of the one, code of the other), one pair per text; None of none.

    J. Cohen, A coefficient of agreement for nominal scales, Educ. Psychol. Meas. 20 (1960).
    """
    n = len(pairs)
    if not n:
        return None
    observed = Fraction(sum(one == other for one, other in pairs), n)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = Fraction(sum(first[code] * second[code] for code in first), n * n)
    kappa = None if chance == 1 else (observed - chance) / (1 - chance)
    return Agreement(n, observed, kappa)
