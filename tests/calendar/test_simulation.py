"""Two waves with a panel over six cities' clocks, small: `make calendar` runs 5,000 people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.calendar.town import HOUR
from tests.support.calendar import Years, run

SHORT = Years(wave=6, between=1, results=1, step=6 * HOUR)


async def test_two_waves_run_twice_with_the_same_digest_and_nobody_is_wronged(
    tmp_path: Path,
) -> None:
    first, second = [
        await run(tmp_path / name, people=20, seed=7, years=SHORT) for name in ("one", "two")
    ]
    assert first.digest == second.digest
    assert first.counts == second.counts
    assert first.wrong == []
    for happened in (
        "INVITACION",
        "RECORDATORIO",
        "RECORDATORIO_INVITACION",
        "RESULTADOS_LISTOS",
        "told CERRADA",
        "valid in wave 2",
    ):
        assert first.counts[happened] > 0, happened


@pytest.mark.slow
async def test_another_seed_gives_another_digest(tmp_path: Path) -> None:
    years = Years(wave=2, between=1, results=1, step=12 * HOUR)
    one, other = [
        await run(tmp_path / str(seed), people=4, seed=seed, years=years) for seed in (1, 2)
    ]
    assert one.digest != other.digest
