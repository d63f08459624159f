"""Two waves with a panel over six cities' clocks, small: `make calendar` runs 5,000 people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.calendar.town import HOUR
from tests.support.calendar import Years, run

pytestmark = pytest.mark.slow

SHORT = Years(wave=6, between=1, results=1, step=6 * HOUR)
HAPPENED = (
    "INVITACION",
    "RECORDATORIO",
    "RECORDATORIO_INVITACION",
    "RESULTADOS_LISTOS",
    "told CERRADA",
    "valid in wave 2",
)


async def test_nobody_is_wronged_over_two_waves_and_six_clocks(tmp_path: Path) -> None:
    ran = await run(tmp_path / "city", people=20, seed=7, years=SHORT)
    assert ran.wrong == []
    assert [name for name in HAPPENED if not ran.counts[name]] == []


@pytest.mark.slow
async def test_the_same_seed_gives_the_same_digest_and_another_seed_another(
    tmp_path: Path,
) -> None:
    first, second, other = [
        await run(tmp_path / name, people=40, seed=seed, years=SHORT)
        for name, seed in (("first", 7), ("second", 7), ("other", 8))
    ]
    assert first.digest == second.digest != other.digest
    assert first.counts == second.counts
    assert first.wrong == second.wrong == other.wrong == []
