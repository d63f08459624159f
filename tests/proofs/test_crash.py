"""kill -9 in the middle, on every edge; and the same harness finds each seeded mistake."""

from __future__ import annotations

import pytest

from benchmarks.crash.__main__ import prove
from benchmarks.crash.defects import DEFECTS
from benchmarks.crash.edges import EDGES


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kills_lose_nothing_and_nothing_is_twice(edge: str, seed: int) -> None:
    """Sockets of a killed process are closed by nobody: hence the filter."""
    verdict = prove(edge, people=60, kills=5, seed=seed)
    counted = (verdict.lost, verdict.double, verdict.never_sent, verdict.unverified)
    assert counted == (0, 0, 0, 0), verdict
    assert verdict.repeats <= verdict.most_repeats
    assert verdict.updates > 400
    if verdict.wrong:
        pytest.xfail("a late text can still end wrong: docs/reliability.md says how often")


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS)
def test_the_harness_finds_what_is_put_in(defect: str) -> None:
    """A kill must fall into the moment that the mistake opens: one seed may not do."""
    verdicts = (
        prove("loopback", people=120, kills=12, seed=seed, defect=defect) for seed in (1, 2, 3, 4)
    )
    assert not all(verdict.is_good for verdict in verdicts)
