"""What may be shown: rows protect people, cells keep dissent, no two can be subtracted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reports.disclosure import one_sided, protect_rows
from reports.percent import percent, points, rounded
from reports.publication import frozen_view, may_publish
from reports.redaction import has_personal_data, quotable
from reports.summary import Summary
from tests.property.test_conversation import HOSTILE

ROWS = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 30), min_size=1)


@given(ROWS, st.integers(2, 10))
def test_hidden_rows_are_two_and_k_people_or_only_the_total_is_left(
    rows: dict[str, int], k: int
) -> None:
    protection = protect_rows(rows, k)
    hidden = sum(rows[code] for code in protection.hidden)
    if protection.hidden and not protection.only_total:
        assert len(protection.hidden) >= 2
        assert hidden >= k
        assert protection.merged_n == hidden
    assert all(n == 0 or n >= k for code, n in rows.items() if code not in protection.hidden)


@given(ROWS, st.integers(2, 10))
def test_a_hidden_row_cannot_be_had_by_subtraction(rows: dict[str, int], k: int) -> None:
    """From the total and the visible rows. (Who also simulates RC6 itself can narrow a few
    boundary tables further, e.g. 3, 2, 2 at k 3: written down in docs/decisions/0007.)
    """
    protection = protect_rows(rows, k)
    left = sum(rows.values()) - sum(n for c, n in rows.items() if c not in protection.hidden)
    assert not protection.hidden or protection.only_total or len(protection.hidden) >= 2
    assert left == 0 or protection.only_total or left >= k


def test_ties_break_by_code_order() -> None:
    assert protect_rows({"A": 5, "B": 5, "C": 1}, 3).hidden == {"C", "A"}


def test_a_one_sided_small_place_folds() -> None:
    assert one_sided({"favour": 20, "against": 0}, 20)
    assert not one_sided({"favour": 20, "against": 0}, 30)
    assert not one_sided({"favour": 18, "against": 2}, 20)


def test_shares_round_half_up_on_the_exact_fraction() -> None:
    assert percent(1, 16) == "6.3"
    assert percent(0, 0) is None
    assert points(5, 7, 5, 9) == "-15.9"


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_rounding_is_within_half_a_tenth(n: int, d: int) -> None:
    from decimal import Decimal
    from fractions import Fraction

    assert abs(Fraction(Decimal(rounded(Fraction(n, d)))) - Fraction(n, d)) <= Fraction(1, 20)


def test_a_publication_waits_for_k_new_in_every_published_row() -> None:
    before = {"t": {"A": 12, "B": 11}}
    assert may_publish(None, before, 10)
    assert not may_publish(before, {"t": {"A": 13, "B": 11}}, 10)
    assert not may_publish(before, {"t": {"A": 12, "B": 10}}, 10)
    assert may_publish(before, {"t": {"A": 22, "B": 11}}, 10)


def test_a_text_with_personal_data_is_not_quoted() -> None:
    for text in ("llame al 300 123 45 67", "soy ana@correo.co", "CC 1.017.234.567",
                 "6.2442,-75.5812", "Calle 10 # 43E-31 apto 502", "DNI 12345678Z"):  # fmt: skip
        assert has_personal_data(text)
        assert quotable(text) is None
    assert quotable("Primero el acueducto y después los viajes.") is not None


def test_quotes_are_one_short_visible_line() -> None:
    for text in HOSTILE:
        quote = quotable(text)
        assert quote is None or (len(quote) <= 160 and "\n" not in quote)


def test_a_publication_of_a_past_week_is_not_told_as_running() -> None:
    def made(week: str, valid: int) -> Summary:
        states = {"started": valid, "valid": valid}
        people = {"valid": valid, "new_this_week": 0}
        return {"week": week, "states": states, "participation": people, "replies": {},
                "notices": ["WEEK_RUNNING", "NOT_REPRESENTATIVE"], "locale": "es-CO"}  # fmt: skip

    live = made("2026-W48", 30)
    assert frozen_view(made("2026-W45", 20), live, "x")["notices"] == [
        "NOT_REPRESENTATIVE", "FROZEN"]  # fmt: skip
    assert "WEEK_RUNNING" in frozen_view(made("2026-W48", 20), live, "x")["notices"]
