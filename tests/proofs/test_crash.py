"""kill -9 in the middle, on every edge; and the same harness finds each seeded mistake."""

from __future__ import annotations

import pytest

from benchmarks.crash.__main__ import prove
from benchmarks.crash.defects import DEFECTS
from benchmarks.crash.edges import EDGES


@pytest.mark.slow
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kills_lose_nothing_and_nothing_is_wrong_or_twice(edge: str, seed: int) -> None:
    verdict = prove(edge, people=60, kills=5, seed=seed)
    assert verdict.is_good, verdict
    assert verdict.updates > 400


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS)
def test_the_harness_finds_what_is_put_in(defect: str) -> None:
    verdict = prove("loopback", people=120, kills=12, seed=1, defect=defect)
    assert not verdict.is_good, verdict
