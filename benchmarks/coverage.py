"""How often the 95 % interval holds the truth, by simulation: a calibration of the code.

Random response: everybody in a made-up population answers with the chance of their district.
The answers are raked to the districts, and Wilson's interval on the effective n is compared
with the truth. It says nothing of a real city, where nobody answers at random.
"""

from __future__ import annotations

import numpy as np

from reports.statistics.intervals import wilson
from reports.statistics.raking import Cells, rake

ROUNDS = 2_000
SIZES = (120, 400, 1_200)
AREAS = {"C01": 40_000.0, "C02": 30_000.0, "C03": 20_000.0, "C04": 10_000.0}
AGES = {"18": 55_000.0, "50": 45_000.0}
FAVOUR = {"C01": 0.40, "C02": 0.48, "C03": 0.52, "C04": 0.58}
ANSWERS = {"C01": 0.7, "C02": 1.0, "C03": 1.2, "C04": 1.6}


def coverage(size: int, rounds: int, seed: int) -> float:
    """The share of rounds in which the interval holds the true share."""
    rng = np.random.default_rng(seed)
    cells = [(area, age) for area in AREAS for age in AGES]
    people = np.array([AREAS[a] * AGES[b] for a, b in cells])
    truth = float(sum(AREAS[a] * FAVOUR[a] for a in AREAS) / sum(AREAS.values()))
    chance = people * np.array([ANSWERS[a] for a, _ in cells])
    favour = np.array([FAVOUR[a] for a, _ in cells])
    held = done = 0
    while done < rounds:
        n = rng.multinomial(size, chance / chance.sum())
        if not n.all():
            continue  # an empty cell is refused, not weighted
        hits = rng.binomial(n, favour)
        sample = Cells(
            stratum="resident",
            variables=("area", "age"),
            codes=tuple(cells),
            n=tuple(int(k) for k in n),
        )
        raked = rake(sample, {"area": AREAS, "age": AGES})
        weights = np.array(raked.weights)
        share = float((hits * weights).sum() / (n * weights).sum())
        low, high = wilson(share, raked.quality.effective_n)
        held += low <= truth <= high
        done += 1
    return held / rounds


def main() -> None:
    """Print the coverage at each size."""
    for size in SIZES:
        share = coverage(size, ROUNDS, seed=size)
        print(f"n {size:5d}: the interval holds the truth in {100 * share:4.1f} % of {ROUNDS:,} "
              "rounds   (aim: 93 to 97)", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
