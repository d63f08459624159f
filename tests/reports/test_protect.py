"""protect(): groups that stay, rows that are parts of other rows, places that fold upwards."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from reports.disclosure import Guard, Rows, protect
from reports.publication import Memory, may_publish

COUNTRIES = st.dictionaries(
    st.sampled_from(["CO", "ES", "IT", "PT", "FR", "DE", "BR", "CL", "US", "_unknown"]),
    st.integers(0, 30),
    min_size=1,
)


def public(k: int = 10, **more: object) -> Guard:
    return Guard(k, is_public=True, **more)  # type: ignore[arg-type]


def test_small_countries_fold_into_their_subregion_and_then_the_world() -> None:
    bases = {"ES": 6, "IT": 5, "FR": 40, "BR": 7, "US": 4, "CL": 30}
    found = protect(Rows("t", "country", bases), public())
    # Spain and Italy are Southern Europe (M49 039); Brazil and the US are left: 11 people.
    assert [(g.code, g.members, g.n) for g in found.groups] == [
        ("039", ("ES", "IT"), 11), ("_grouped", ("BR", "US"), 11)]  # fmt: skip
    alone = protect(Rows("t", "country", {**bases, "BR": 0}), public())
    # The US alone would be had by subtraction: the smallest unit, Southern Europe, joins it.
    assert [g.members for g in alone.groups] == [("ES", "IT", "US")]


@given(COUNTRIES, st.integers(2, 10))
def test_no_part_of_people_abroad_is_had_by_subtraction(rows: dict[str, int], k: int) -> None:
    found = protect(Rows("t", "country", rows, home="CO"), public(k))
    if found.only_total:
        return
    for group in found.groups:
        assert len(group.members) >= 2
        assert group.n >= k
    abroad = {c: n for c, n in rows.items() if c not in ("CO", "_unknown") and n}
    hidden = [c for c in abroad if c in found.hidden]
    left = sum(abroad[c] for c in hidden)
    everybody = left == sum(abroad.values())
    assert not hidden or everybody or (len(hidden) >= 2 and left >= k)


def test_types_are_protected_inside_their_sector() -> None:
    bases = {"S2.1": 3, "S2.2": 12, "S3.1": 11, "S3.2": 30}
    # RC6 alone would hide S3.1; then S2.1 would be sector S2 (15) less S2.2 (12).
    assert protect(Rows("t", "actor_type", bases), public()).hidden == {"S2.1", "S2.2"}
    assert protect(Rows("t", "actor_type", bases), Guard(10)).hidden == {"S2.1", "S3.1"}


def test_a_group_stays_whole_while_one_of_its_rows_is_small() -> None:
    # Before: A 4 and B 12 were 16 together, C 11. Now B is 24; RC6 alone would join A with C,
    # and C, whose 11 were told, would give A away.
    rows = Rows("t", "sector", {"A": 4, "B": 24, "C": 11, "D": 50})
    assert protect(rows, public()).hidden == {"A", "C"}
    assert protect(rows, public(kept={"t": [["A", "B"]]})).hidden == {"A", "B"}
    grown = Rows("t", "sector", {"A": 14, "B": 24, "C": 11, "D": 50})
    assert protect(grown, public(kept={"t": [["A", "B"]]})).hidden == set()


def test_what_participation_hides_is_hidden_in_every_table_of_the_segment() -> None:
    guard = public(anchors={"sector": frozenset({"S2", "S4"})})
    assert protect(Rows("t", "sector", {"S1": 30, "S2": 12, "S4": 11}), guard).hidden == {
        "S2", "S4"}  # fmt: skip
    assert guard.log[0]["hidden"] == 2


def test_an_answer_exchanged_for_another_is_no_standstill() -> None:
    before = Memory({"t": {"A": 12, "B": 11}}, {"t": [["A"], ["B"]]})
    now = Memory({"t": {"A": 12, "B": 22}}, {"t": [["A"], ["B"]]})
    assert may_publish(before, now, 10, {"t": {"A": 0, "B": 11}})
    assert not may_publish(before, now, 10, {"t": {"A": 1, "B": 11}})


def test_a_newcomer_cannot_slip_into_a_group_that_stood_still() -> None:
    before = Memory({"t": {"A": 4, "B": 12, "C": 0}}, {"t": [["A", "B"]]})
    now = Memory({"t": {"A": 4, "B": 12, "C": 3}}, {"t": [["A", "B", "C"]]})
    assert not may_publish(before, now, 10)  # 19 less 16 would be C


def test_the_program_starts_without_numpy() -> None:
    modules = "bot.cli, bot.app, bot.commands.serve, bot.desk.service"
    code = f"import sys, {modules}; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
