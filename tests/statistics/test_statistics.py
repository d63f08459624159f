"""Intervals, rankings, changes, differences, agreement: figures computed by hand beside them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reports.ranking import rank
from reports.statistics.agreement import agreement
from reports.statistics.change import compare
from reports.statistics.differences import differences
from reports.statistics.dispersion import dispersion
from reports.statistics.dropoff import Stop, drop_off
from reports.statistics.intervals import interval, wilson
from reports.statistics.tiers import rank_intervals, tiers, top_three

# Where Tennessee puts its capital: 100 voters in four blocks.
TENNESSEE = [
    (("Memphis", "Nashville", "Chattanooga", "Knoxville"), 42),
    (("Nashville", "Chattanooga", "Knoxville", "Memphis"), 26),
    (("Chattanooga", "Knoxville", "Nashville", "Memphis"), 15),
    (("Knoxville", "Chattanooga", "Nashville", "Memphis"), 17),
]
# Schulze's 45 voters and five candidates.
SCHULZE = [
    (tuple(order), n)
    for order, n in (("ACBED", 5), ("ADECB", 5), ("BEDAC", 8), ("CABED", 3), ("CAEBD", 7),
                     ("CBADE", 2), ("DCEBA", 7), ("EBADC", 8))
]  # fmt: skip


def test_wilson_is_the_textbook_interval() -> None:
    # 10 of 20: the centre stays, z² / n = 0.192073, half width 0.200678 (by hand).
    assert wilson(0.5, 20) == pytest.approx((0.299298, 0.700702), abs=1e-6)
    low, high = wilson(0.0, 30)
    assert (low, round(high, 4)) == (0.0, 0.1135)


def test_no_interval_under_thirty_people_or_thirty_effective() -> None:
    assert interval(0.5, 29, 29) is None
    assert interval(0.5, 200, 29.9) is None
    assert interval(0.5, 30, 30) is not None


def test_tennessee_and_schulze_by_points() -> None:
    # Points m…1 by hand: Nashville 42·3 + 26·4 + 32·2 = 294; Memphis 42·4 + 58 = 226.
    assert [(t["code"], t["points"], t["first"]) for t in rank(TENNESSEE, 4)] == [
        ("Nashville", 294, 26), ("Chattanooga", 273, 15), ("Memphis", 226, 42),
        ("Knoxville", 207, 17)]  # fmt: skip
    assert [(t["code"], t["points"]) for t in rank(SCHULZE, 5)] == [
        ("E", 147), ("A", 143), ("B", 137), ("C", 134), ("D", 114)]  # fmt: skip


def test_few_voters_make_one_tier_and_many_make_several() -> None:
    order = [str(t["code"]) for t in rank(SCHULZE, 5)]
    few = rank_intervals(SCHULZE, order, 5, seed=1)
    assert set(tiers(order, few).values()) == {1}
    many = rank_intervals([(c, 400 * n) for c, n in SCHULZE], order, 5, seed=1)
    assert tiers(order, many) == {"E": 1, "A": 2, "B": 3, "C": 4, "D": 5}
    assert few == rank_intervals(SCHULZE, order, 5, seed=1)


def test_a_tier_begins_wholly_below_its_first_theme_and_not_its_last() -> None:
    # B overlaps A, C overlaps B but lies below A: the second tier begins at C.
    intervals = {"A": (1, 2), "B": (1, 3), "C": (3, 4), "D": (3, 4)}
    assert tiers("ABCD", intervals) == {"A": 1, "B": 1, "C": 2, "D": 2}


def test_the_weighted_share_of_the_top_three() -> None:
    weighted = [(("A", "B", "C", "D"), 1.5), (("D", "A"), 0.5), (("NIN",), 2.0)]
    assert top_three(weighted, "A") == 0.5
    assert top_three(weighted, "D") == 0.125
    assert top_three([], "A") is None


def test_points_gather_on_few_themes() -> None:
    assert dispersion([13, 5, 5, 2, 2]) == Fraction(23, 27)
    assert dispersion([0, 0]) is None


def test_where_people_stop() -> None:
    order = {"A": 0, "B": 1, "C": 2}
    assert drop_off([("C", 2), ("A", 3), ("C", 1)], order, 10) == [
        Stop("A", 10, 3), Stop("C", 7, 3)]  # fmt: skip


def test_a_change_is_named_only_beyond_its_uncertainty() -> None:
    assert compare({"x": (60, 100)}, {"x": (62, 100)}).reason == "uncertain"
    named = compare({"x": (60, 100)}, {"x": (30, 100)})
    assert named.is_appreciable
    assert named.same == pytest.approx(-0.3)
    assert compare({"x": (9, 10)}, {"x": (0, 100)}).reason == "small_base"


def test_a_change_explained_by_who_answered_is_not_named() -> None:
    # Residents stay at 80 %, people abroad at 20 %; only their numbers are exchanged.
    before = {"resident": (144, 180), "abroad": (4, 20)}
    after = {"resident": (16, 20), "abroad": (36, 180)}
    change = compare(before, after)
    assert (change.before, change.after) == (Fraction(37, 50), Fraction(13, 50))
    assert change.same == pytest.approx(0)
    assert change.reason == "composition"
    assert compare({"a": (60, 100)}, {"b": (20, 100)}).reason == "composition"


def test_differences_are_told_after_correcting_for_the_rows() -> None:
    rows = {"es": (120, 200), "pt": (20, 100), "fr": (5, 8)}
    found = {d.code: d for d in differences(rows)}
    assert set(found) == {"es", "pt"}
    assert found["pt"].share == Fraction(1, 5)
    assert found["pt"].rest == Fraction(125, 208)
    assert found["pt"].is_appreciable
    assert differences({"es": (30, 60), "pt": (2, 3)}) == []


def test_kappa_of_the_textbook_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.70, by chance 0.50, kappa 0.40.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = agreement(pairs)
    assert found is not None
    assert (found.observed, found.kappa) == (Fraction(7, 10), Fraction(2, 5))
    alike = agreement([("y", "y")] * 4)
    assert alike is not None
    assert alike.kappa is None
    assert agreement([]) is None
