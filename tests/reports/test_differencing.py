"""A small differencing attack; `make attack` is the full one."""

from __future__ import annotations

import pytest

from benchmarks.differencing import attack, city, published_weeks, unguarded_weeks
from benchmarks.growing import grow

pytestmark = pytest.mark.slow

WEEKS = 6


def test_no_small_row_is_solved_and_without_the_guard_one_is() -> None:
    bound = city()
    crowd = grow(900, WEEKS, seed=4)
    guarded = attack(crowd, published_weeks(crowd, bound, WEEKS), 10, 25)
    assert guarded.publications >= 2
    assert guarded.hidden > 10
    assert guarded.solved == []
    assert attack(crowd, unguarded_weeks(crowd, bound, WEEKS), 10, 40).solved
