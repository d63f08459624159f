"""Raking against R's survey package, and every input it refuses with where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import Refused
from reports.statistics.raking import Cells, rake

TARGETS = {"stype": {"E": 4421, "H": 755, "M": 1018}, "awards": {"No": 1072, "Yes": 5122}}
CODES = (("E", "No"), ("E", "Yes"), ("H", "No"), ("H", "Yes"), ("M", "No"), ("M", "Yes"))
SAMPLE = (12, 132, 3, 11, 8, 17)


def cells(codes: tuple[tuple[str, ...], ...] = CODES, n: tuple[int, ...] = SAMPLE) -> Cells:
    return Cells(stratum="residentes", variables=("stype", "awards"), codes=codes, n=n)


def test_weights_are_those_of_the_survey_package() -> None:
    raked = rake(cells(), TARGETS)
    wanted = (39.8392362, 29.8706755, 67.1255292, 50.3294011, 49.0690722, 36.7910249)
    assert raked.weights == pytest.approx(wanted, abs=1e-6)
    assert raked.quality.effective_n == pytest.approx(174.0111585, abs=1e-6)
    assert raked.quality.design_effect == pytest.approx(1.0516567, abs=1e-6)
    assert (raked.moved, raked.gap) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("made", "targets", "reason", "said"),
    [
        (cells(), {**TARGETS, "stype": {**TARGETS["stype"], "X": 10}}, "empty_target", "«X»"),
        (cells(), {**TARGETS, "stype": {"E": 4421, "H": 1773}}, "no_target", "«M»"),
        (cells(), {**TARGETS, "awards": {"No": 1072, "Yes": 5000}}, "totals_disagree", "6072"),
        (cells((("", "No"), *CODES[1:])), TARGETS, "missing_value", "12 personas"),
        (
            cells((("E", "No"), ("H", "Yes"), ("M", "Yes")), (5, 5, 5)),
            TARGETS,
            "no_convergence",
            "no llega a sus metas",
        ),
    ],
)
def test_each_bad_input_is_refused_with_where(
    made: Cells, targets: dict[str, dict[str, float]], reason: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        rake(made, targets)
    assert refused.value.reason == reason
    assert said in str(refused.value)
    assert "residentes" in str(refused.value)


def test_the_cap_holds_and_what_it_moved_is_told() -> None:
    free = rake(cells(), TARGETS, cap=None)
    capped = rake(cells(), TARGETS, cap=1.6)
    assert free.quality.high > 1.9
    assert capped.quality.high <= 1.6 + 1e-6
    assert 0 < capped.moved < 0.01
    assert capped.gap == 0.0  # raked again: both margins still hold


@given(st.lists(st.integers(1, 60), min_size=6, max_size=6))
def test_margins_hold_wherever_every_cell_has_somebody(n: list[int]) -> None:
    raked = rake(cells(n=tuple(n)), TARGETS, cap=None)
    for at, name in enumerate(("stype", "awards")):
        for category, wanted in TARGETS[name].items():
            got = sum(
                w * k for w, k, c in zip(raked.weights, n, CODES, strict=True) if c[at] == category
            )
            assert got == pytest.approx(wanted, rel=1e-8)
    assert raked.quality.design_effect >= 1 - 1e-12
