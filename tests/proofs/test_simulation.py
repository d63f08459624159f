"""A week on virtual time: the same seed gives the same records, and nothing is lost in any."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.simulation import made_folder, simulate

pytestmark = pytest.mark.slow


def test_the_same_seed_gives_the_same_records(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    first, again = (simulate(folder, 18, days=1) for _ in range(2))
    assert first.problems == ()
    assert first.digest == again.digest
    assert first.turns > 30


@pytest.mark.slow
def test_ten_weeks_of_outages_storms_kills_and_wrong_clocks(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    found = [simulate(folder, seed) for seed in range(100, 110)]
    assert [one.problems for one in found] == [()] * 10
    assert len({one.digest for one in found}) == 10
    assert sum(one.crashes for one in found) > 5
