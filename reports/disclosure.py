"""Disclosure control: `protect`, the one function that hides (RC6 to RC6e, ST8). Applied last.

A row protects people by its base, so that nobody can be worked out from it or by subtraction.
Cells inside a published row stay: hiding small cells would hide disagreement (RC6c). Every
output asks the same `Guard`, which knows k, what was hidden before, and writes down what it hid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from reports.places import subregion_of

GROUPED = "_grouped"
"""The row that gathers the hidden ones, «Otros (agrupados)»; of places, the rest of the world."""
UNKNOWN = "_unknown"
"""People of whom the segment is not known: a row of their own."""
ONE_SIDED_BASE = 30
ONE_SIDED_SHARE = Fraction(95, 100)
NESTED = ("actor_type", "country")
"""Segments whose rows add up to rows of another published table: types to sectors, countries
to people abroad. They are protected inside each of those too, or one could be subtracted."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table that asks to be shown: its name, what its rows are, the people behind each.

    `name` is the same in every summary, e.g. `A15.1.1.sector`. `folded` rows are hidden
    whatever their base (RC6e). `home`: the city's country, which is not abroad.
    """

    name: str
    by: str
    bases: Mapping[str, int]
    folded: frozenset[str] = frozenset()
    home: str = ""

    def parent(self, code: str) -> str:
        """The row of another table that this row is a part of."""
        if self.by == "actor_type":
            return code.partition(".")[0]
        return "here" if code in (self.home, UNKNOWN) else "abroad"


@dataclass(frozen=True, slots=True)
class Group:
    """Hidden rows that are shown together as one: two or more, and k people or more."""

    code: str
    members: tuple[str, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Protection:
    """Which rows are hidden, and as which groups they are shown together.

    `only_total`: every row with people ended up hidden, so no row is shown at all.
    """

    hidden: frozenset[str]
    groups: tuple[Group, ...]
    only_total: bool

    @property
    def merged(self) -> tuple[str, ...]:
        """The members of the last group, the rest; empty if there is none."""
        return self.groups[-1].members if self.groups else ()

    @property
    def merged_n(self) -> int | None:
        """The people of the last group."""
        return self.groups[-1].n if self.groups else None

    def blocks(self, bases: Mapping[str, int]) -> list[tuple[str, ...]]:
        """Every set of rows that is shown with one number, and has people."""
        if self.only_total:
            return []
        visible = [(c,) for c, n in sorted(bases.items()) if n and c not in self.hidden]
        return visible + [group.members for group in self.groups]


@dataclass(slots=True)
class Guard:
    """What protection needs to know beside the table, and its log.

    `kept`: table name to the groups of the last publication; a group stays whole while any of
    its rows must be hidden, or two publications could be subtracted. `anchors`: segment to the
    rows that participation hides; they are hidden in every table of that segment, or a table
    could be compared with another. `is_on` is only off to prove that the guard is needed.
    """

    k: int
    is_public: bool = False
    is_on: bool = True
    kept: Mapping[str, list[list[str]]] = field(default_factory=dict)
    anchors: Mapping[str, frozenset[str]] = field(default_factory=dict)
    log: list[dict[str, object]] = field(default_factory=list)
    blocks: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def hides_number(self, n: int) -> bool:
        """Whether a number that stands alone, of people who share other rows, is too small."""
        return self.is_on and 0 < n < self.k


def protect(rows: Rows, guard: Guard) -> Protection:
    """RC6 with its complement, kept groups, nested rows and places; logged."""
    if not guard.is_on:
        guard.blocks[rows.name] = [(code,) for code, n in rows.bases.items() if n]
        return Protection(frozenset(), (), only_total=False)
    kept = _standing(rows, guard)
    forced = {c for group in kept for c in group}
    forced |= guard.anchors.get(rows.by, frozenset()) if guard.is_public else set()
    found = _protect(rows, guard, frozenset(c for c in forced if rows.bases.get(c)), kept)
    guard.blocks[rows.name] = found.blocks(rows.bases)
    if found.hidden:
        small = [c for c in found.hidden if 0 < rows.bases[c] < guard.k]
        guard.log.append(
            {
                "table": rows.name,
                "by": rows.by,
                "hidden": len(found.hidden),
                "small": len(small) if not guard.is_public else None,
                "groups": [{"code": g.code, "members": list(g.members)} for g in found.groups],
                "only_total": found.only_total,
            }
        )
    return found


def _standing(rows: Rows, guard: Guard) -> list[list[str]]:
    """The groups of the last publication that still have a row to hide."""
    return [
        group
        for group in guard.kept.get(rows.name, [])
        if any(0 < rows.bases.get(c, 0) < guard.k or c in rows.folded for c in group)
    ]


def _protect(
    rows: Rows, guard: Guard, forced: frozenset[str], kept: list[list[str]]
) -> Protection:
    bases = {code: n for code, n in rows.bases.items() if n > 0}
    hidden = {c for c, n in bases.items() if n < guard.k or c in rows.folded} | forced
    while True:
        before = len(hidden)
        if guard.is_public and rows.by in NESTED:
            for parent in sorted({rows.parent(c) for c in hidden}):
                inside = {c: n for c, n in bases.items() if rows.parent(c) == parent}
                _complete(inside, hidden, guard.k)
        groups, rest = _grouped(rows, bases, hidden, guard.k, kept)
        hidden |= rest
        if len(hidden) == before:
            break
    if hidden and len(hidden) == len(bases) and all(g.code == GROUPED for g in groups):
        return Protection(frozenset(hidden), (), only_total=True)
    return Protection(frozenset(hidden), tuple(groups), only_total=False)


def _grouped(
    rows: Rows, bases: Mapping[str, int], hidden: set[str], k: int, kept: list[list[str]]
) -> tuple[list[Group], set[str]]:
    """The groups of the hidden rows, and the rows in the rest after its complement."""
    groups = _subregions(rows, hidden, k, kept) if rows.by == "country" else []
    units: dict[str, tuple[int, tuple[str, ...]]] = {
        c: (n, (c,)) for c, n in bases.items() if c not in hidden
    }
    units |= {g.code: (g.n, g.members) for g in groups}
    rest = hidden - {c for g in groups for c in g.members}
    while rest and units and (len(rest) < 2 or _people(bases, rest) < k):
        smallest = min(units, key=lambda code: (units[code][0], code))
        rest |= set(units.pop(smallest)[1])
    groups = [g for g in groups if g.code in units]
    if rest:
        groups.append(Group(GROUPED, tuple(sorted(rest)), _people(bases, rest)))
    return groups, rest


def _complete(inside: Mapping[str, int], hidden: set[str], k: int) -> None:
    """Hide the smallest visible rows until the hidden ones are two and k people, or all."""
    own = {c for c in hidden if c in inside}
    visible = {c: n for c, n in inside.items() if c not in own}
    while own and visible and (len(own) < 2 or _people(inside, own) < k):
        smallest = min(visible, key=lambda code: (visible[code], code))
        own.add(smallest)
        del visible[smallest]
    hidden |= own


def _subregions(rows: Rows, hidden: set[str], k: int, kept: list[list[str]]) -> list[Group]:
    """Two or more hidden countries of one subregion with k people together fold into it.

    What was in the rest of the world, or in another group, stays with it.
    """
    free: dict[str, set[str]] = {}
    for code in hidden:
        region = subregion_of(code)
        mixed = any(code in g and len({subregion_of(c) for c in g}) > 1 for g in kept)
        if region and not mixed and code != rows.home:
            free.setdefault(region, set()).add(code)
    return [
        Group(region, tuple(sorted(members)), _people(rows.bases, members))
        for region, members in sorted(free.items())
        if len(members) >= 2 and _people(rows.bases, members) >= k
    ]


def _people(rows: Mapping[str, int], codes: Iterable[str]) -> int:
    return sum(rows[code] for code in codes)


def protect_rows(rows: Mapping[str, int], k: int, *, folded: Iterable[str] = ()) -> Protection:
    """RC6 on one table that stands alone."""
    wanted = frozenset(code for code in folded if rows.get(code))
    return protect(Rows("", "", rows, folded=wanted), Guard(k))


def one_sided(sides: Mapping[str, int], base: int) -> bool:
    """RC6e: under 30 people of whom one side holds 95 % or more; a place like that folds."""
    if not 0 < base < ONE_SIDED_BASE:
        return False
    return any(Fraction(n, base) >= ONE_SIDED_SHARE for n in sides.values())


def shown_rows(
    rows: Rows,
    guard: Guard,
    cells_of: Callable[[Iterable[str]], list[dict[str, object]]],
) -> list[dict[str, object]]:
    """The rows of a segment table as they may be shown, the grouped rows last.

    `cells_of` gives the choices of a set of rows together.
    """
    protection = protect(rows, guard)
    if protection.only_total:
        return []
    shown: list[dict[str, object]] = []
    for code in sorted(rows.bases, key=lambda c: (c == UNKNOWN, c)):
        is_hidden = code in protection.hidden
        shown.append(
            {
                "by": rows.by,
                "code": code,
                "base": None if is_hidden else rows.bases[code],
                "hidden": is_hidden,
                "merged": [],
                "choices": [] if is_hidden else cells_of([code]),
            }
        )
    grouped = [
        {
            "by": rows.by,
            "code": group.code,
            "base": group.n,
            "hidden": False,
            "merged": list(group.members),
            "choices": cells_of(group.members),
        }
        for group in protection.groups
    ]
    return [*shown, *grouped]
