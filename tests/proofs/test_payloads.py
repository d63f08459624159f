"""Mutated updates: none crashes anything, none is lost from the account, nobody is blocked."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.payloads import bombard
from bot.instance import make_folder


@pytest.mark.parametrize("count", [300, pytest.param(2_000, marks=pytest.mark.slow)])
async def test_mutated_updates_are_all_accounted_for(tmp_path: Path, count: int) -> None:
    make_folder(tmp_path / "city")
    found = await bombard(tmp_path / "city", count, seed=count)
    assert found.is_good, found
    assert found.outcomes["quarantined"] > count / 20
    assert found.outcomes["applied"] > count / 20
