"""A made-up crowd of 5,000 with a known truth comes out within the stated uncertainty."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

from flows.margins import Margin
from flows.readings import (
    AnswerTable,
    CompositionTable,
    PanelTable,
    PersonTable,
    ReachTable,
    Readings,
    ResponseTable,
)  # fmt: skip
from reports.ranking import rank
from reports.statistics.tiers import rank_intervals
from reports.weighting import strata, weigh

THEMES = ("AGU", "SEG", "EMP", "CLI", "MOV", "CUL", "MIG")
PULL = (30, 26, 21, 16, 12, 8, 5)
FAVOUR = {"C01": 0.35, "C02": 0.50, "C03": 0.65, "C04": 0.80}
LIVES = {"C01": 40_000, "C02": 30_000, "C03": 20_000, "C04": 10_000}
ANSWERS = {"C01": 0.2, "C02": 0.4, "C03": 0.6, "C04": 1.0}
"""Who is more in favour answers more: unweighted, the share is far too high."""
TRUTH = sum(LIVES[a] * FAVOUR[a] for a in LIVES) / sum(LIVES.values())
Row = tuple[str, int, tuple[str, ...], str]


def crowd() -> list[Row]:
    rng = random.Random(5)
    reach = [LIVES[a] * ANSWERS[a] for a in LIVES]
    people = []
    for at in range(5_000):
        area = rng.choices(list(LIVES), reach)[0]
        support = "4" if rng.random() < FAVOUR[area] else "2"
        left = dict(zip(THEMES, PULL, strict=True))
        ranked = []
        for _ in range(3):
            code = rng.choices(list(left), list(left.values()))[0]
            ranked.append(code)
            del left[code]
        people.append((support, at, tuple(ranked), area))
    return people


def readings(people: list[Row]) -> Readings:
    table = CompositionTable(variables=("area",))
    cells: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    for support, _, ranked, area in people:
        cells["", ("",), area] += 1
        cells["A15", (support,), area] += 1
        cells["A10", ranked, area] += 1
    for (question, value, area), n in sorted(cells.items()):
        table.question.append(question)
        table.version.append(1)
        table.wave.append(1)
        table.value.append(value)
        table.stratum.append("resident")
        table.codes.append((area,))
        table.n.append(n)
    return Readings(
        consultation="A", wave=1, week="2026-W46", week_start=0, as_of=1, is_running=False,
        fingerprint="", responses=ResponseTable(), persons=PersonTable(), answers=AnswerTable(),
        reach=ReachTable(), theme_support=None, panel=PanelTable(), composition=table,
    )  # fmt: skip


def test_the_weighted_share_covers_the_truth_and_the_unweighted_does_not() -> None:
    margin = Margin(
        stratum="resident", variable="area", people=LIVES, source="made up", on=date(2026, 1, 1)
    )
    weighting = weigh(readings(crowd()), [margin])
    [stratum] = strata(weighting, ("A15", 1, 1), {"favour": ["4", "5"]}, 1)
    [favour] = stratum["figures"]  # type: ignore[misc, attr-defined]  # rows of a table
    assert float(favour["low"]) <= 100 * TRUTH <= float(favour["high"])
    assert abs(float(favour["percent"]) - 100 * TRUTH) > 8
    assert float(favour["high"]) - float(favour["low"]) < 4


def test_the_rank_intervals_hold_the_true_order() -> None:
    patterns = sorted(Counter(ranked for _, _, ranked, _ in crowd()).items())
    order = [str(theme["code"]) for theme in rank(patterns, 3)]
    intervals = rank_intervals(patterns, order, 3, seed=1)
    for true, theme in enumerate(THEMES, start=1):
        best, worst = intervals[theme]
        assert best <= true <= worst
