"""`make attack`: read every weekly public summary and try to work small rows out of them.

The attacker has all the tables and counts of 52 weeks, for all waves together and for the wave
alone, and knows how rows are hidden. Whatever is known becomes a linear constraint: totals,
groups, what is shown, that a crowd grows, that nobody answers a question without taking part,
that countries add up to people abroad. A hidden row of fewer than k people is solved when linear
programming leaves it one whole number. Without the guard (each row under k is blanked, every
week) the same attack must succeed, or it proves nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any

from benchmarks.growing import Somebody, grow, readings_at
from flows.binding import BoundConsultation
from reports.disclosure import GROUPED, Guard
from reports.publication import Memory, draft, frozen_view
from reports.summary import summarise

HOME = "CO"
Summary = dict[str, Any]
Row = tuple[int, str, str]
"""(publication, table, row)."""
MADE_BY = {"version": "attack", "seed": 1}


def published_weeks(
    crowd: Sequence[Somebody], bound: BoundConsultation, weeks: int
) -> list[Summary]:
    """What the public could read at the end of every week, through the real publication."""
    k = bound.instance.city.thresholds.public
    memory: Memory | None = None
    last: dict[int | None, Summary] = {}
    at = -1
    seen = []
    for week in range(weeks):
        parts = [readings_at(crowd, week, at, wave) for wave in (None, 1)]
        made = draft(parts, bound, memory, locale="es-CO", produced_by=MADE_BY)
        if made.may_follow(memory, k):
            memory, last, at = made.memory, made.summaries, week
        seen += [frozen_view(last[wave], made.summaries[wave], f"week {at}") for wave in (None, 1)]
    return seen


def unguarded_weeks(
    crowd: Sequence[Somebody], bound: BoundConsultation, weeks: int
) -> list[Summary]:
    """The same weeks as a careless office would publish them: rows under k are blanked."""
    k = bound.instance.city.thresholds.public
    seen = []
    for week in range(weeks):
        for wave in (None, 1):
            guard = Guard(k, is_public=True, is_on=False)
            readings = readings_at(crowd, week, week - 1, wave)
            made = summarise(readings, bound, guard, locale="es-CO", produced_by=MADE_BY)
            _blank(made, k)
            seen.append({**made, "frozen_since": f"week {week}"})
    return seen


def _blank(made: Summary, k: int) -> None:
    who = made["participation"]
    for row in [*who["by_sector"], *who["countries"]]:
        if 0 < row["n"] < k:
            row |= {"n": None, "hidden": True}
    for question in made["questions"]:
        for row in question["rows"]:
            if 0 < row["base"] < k:
                row |= {"base": None, "hidden": True, "choices": []}


@dataclass(slots=True)
class Known:
    """The linear system: rows that are known, sums that are known, and which is the larger."""

    shown: dict[Row, int] = field(default_factory=dict)
    hidden: set[Row] = field(default_factory=set)
    sums: list[tuple[tuple[Row, ...], int]] = field(default_factory=list)
    less: list[tuple[tuple[Row, ...], tuple[Row, ...]]] = field(default_factory=list)

    def table(self, at: int, name: str, rows: list[tuple[str, int | None, list[str]]]) -> None:
        """Rows as (code, number or None, members if it is a group)."""
        for code, n, members in rows:
            self.hidden |= {(at, name, c) for c in members}
            if members and n is not None:
                self.sums.append((tuple((at, name, c) for c in members), n))
            elif not members and n is not None:
                self.shown[at, name, code] = n
            elif code != GROUPED:
                self.hidden.add((at, name, code))

    def codes(self, at: int, name: str) -> list[str]:
        """The rows of a table."""
        return [c for t, n, c in [*self.shown, *self.hidden] if (t, n) == (at, name)]


def learn(seen: Sequence[Summary]) -> Known:
    """Everything that the summaries say, as constraints."""
    known = Known()
    times: dict[str, int] = {}
    tables: dict[int, set[str]] = {}
    done: set[tuple[int, int | None]] = set()
    for made in seen:
        at = times.setdefault(made["frozen_since"], len(times))
        if (at, made["wave"]) not in done:
            done.add((at, made["wave"]))
            tables.setdefault(at, set()).update(_read(known, at, made))
    for at, names in tables.items():
        _relate(known, at, names)
        if at:
            _grows(known, at, names & tables[at - 1])
    return known


def _read(known: Known, at: int, made: Summary) -> Iterator[str]:
    who = made["participation"]
    for name, rows in (("sector", who["by_sector"]), ("country", who["countries"])):
        table = f"participation.{name}"
        known.table(at, table, [(r["code"], r["n"], r["merged"]) for r in rows])
        total = who["valid"] if name == "sector" else who["abroad"]
        everybody = tuple((at, table, c) for c in known.codes(at, table))
        if total is not None and everybody:
            known.sums.append((everybody, total))
        yield table
    for question in made["questions"]:
        for by in ("sector", "residence", "country", "language"):
            rows = [r for r in question["rows"] if r["by"] == by]
            if rows:
                table = f"{question['id']}.{by}"
                known.table(at, table, [(r["code"], r["base"], r["merged"]) for r in rows])
                everybody = tuple((at, table, c) for c in known.codes(at, table))
                known.sums.append((everybody, question["base"]))
                yield table


def _relate(known: Known, at: int, names: set[str]) -> None:
    """Nobody answers without taking part; countries add up to people abroad."""
    for name in names:
        question, _, by = name.partition(".")
        anchor = f"participation.{by}"
        if question != "participation" and anchor in names:
            for code in set(known.codes(at, name)) & set(known.codes(at, anchor)):
                known.less.append((((at, name, code),), ((at, anchor, code),)))
        if by == "country" and f"{question}.residence" in names:
            codes = [c for c in known.codes(at, name) if c not in (HOME, "_unknown")]
            abroad = tuple((at, name, c) for c in codes)
            whole = ((at, f"{question}.residence", "abroad"),)
            known.less += [(abroad, whole), (whole, abroad)]


def _grows(known: Known, at: int, names: set[str]) -> None:
    for name in names:
        for code in set(known.codes(at, name)) & set(known.codes(at - 1, name)):
            known.less.append((((at - 1, name, code),), ((at, name, code),)))


def solve(known: Known, wanted: Sequence[Row]) -> list[tuple[Row, int]]:
    """The wanted rows that only one whole number fits."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    place = {row: i for i, row in enumerate(sorted({*known.hidden, *known.shown}))}

    def matrix(listed: list[dict[int, int]]) -> Any:
        data = [(v, i, j) for i, line in enumerate(listed) for j, v in line.items()]
        values, rows, columns = zip(*data, strict=True) if data else ((), (), ())
        return csr_array((values, (rows, columns)), shape=(len(listed), len(place)))

    equal = [{place[row]: 1 for row in rows if row in place} for rows, _ in known.sums]
    less = [
        {place[r]: 1 for r in small} | {place[r]: -1 for r in large}
        for small, large in known.less
        if all(r in place for r in (*small, *large))
    ]
    bounds = [
        (known.shown[row], known.shown[row]) if row in known.shown else (1, None) for row in place
    ]
    system = {
        "A_eq": matrix(equal), "b_eq": [n for _, n in known.sums],
        "A_ub": matrix(less), "b_ub": np.zeros(len(less)),
        "bounds": bounds, "method": "highs",
    }  # fmt: skip
    solved = []
    for row in wanted:
        cost = np.zeros(len(place))
        ends = []
        for sign in (1, -1):
            cost[place[row]] = sign
            found = linprog(cost, **system)
            if found.status != 0:
                raise RuntimeError(f"{row}: {found.message}")
            ends.append(sign * found.fun)
        if ceil(ends[0] - 1e-6) == floor(ends[1] + 1e-6):
            solved.append((row, ceil(ends[0] - 1e-6)))
    return solved


def truth(crowd: Sequence[Somebody], seen: Sequence[Summary], known: Known) -> dict[Row, int]:
    """How many people really are behind every hidden row."""
    names = list(dict.fromkeys(made["frozen_since"] for made in seen))
    weeks = {at: int(name.rpartition(" ")[2]) for at, name in enumerate(names)}
    found = {}
    for at, name, code in known.hidden:
        question, _, by = name.partition(".")
        wanted = "" if code == "_unknown" else code
        found[at, name, code] = sum(
            getattr(p.segments, by) == wanted
            for p in crowd
            if p.week <= weeks[at]
            and (question in p.answers if question != "participation" else True)
            and (
                by != "country" or question != "participation" or p.segments.residence == "abroad"
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of `hidden` rows under k, those that were `solved`; and how many publications there were."""

    publications: int
    hidden: int
    solved: list[tuple[Row, int]]


def attack(crowd: Sequence[Somebody], seen: Sequence[Summary], k: int, most: int) -> Outcome:
    """Try to solve the hidden rows under k, at most so many of them, spread over all."""
    known = learn(seen)
    real = truth(crowd, seen, known)
    small = sorted(row for row, n in real.items() if 0 < n < k)
    wanted = small[:: max(1, len(small) // most)] if small else []
    solved = solve(known, wanted)
    wrong = [(row, n) for row, n in solved if real[row] != n]
    if wrong:
        raise RuntimeError(f"the attack's own constraints do not hold: {wrong[:3]}")
    return Outcome(len({made["frozen_since"] for made in seen}), len(wanted), solved)


def city() -> BoundConsultation:
    """Consultation A of the catalogue's made-up city: k is 10 in public."""
    from bot.instance import CATALOGUE, load_instance
    from flows.binding import bind
    from flows.loading import parse_consultation

    text = (CATALOGUE / "A.yaml").read_text(encoding="utf-8")
    return bind(parse_consultation(text, "A.yaml"), load_instance(CATALOGUE / "city"))


def main() -> int:
    """The full size: 10,000 people, 52 weeks."""
    bound = city()
    k = bound.instance.city.thresholds.public
    crowd = grow(10_000, 52, seed=4)
    ok = True
    for name, weeks, most in (("guard on", published_weeks, 10_000),
                              ("guard off", unguarded_weeks, 60)):  # fmt: skip
        begun = time.perf_counter()
        outcome = attack(crowd, weeks(crowd, bound, 52), k, most)
        print(f"{name}: {outcome.publications} publications, {outcome.hidden} hidden rows under "
              f"{k} attacked, {len(outcome.solved)} solved "
              f"({time.perf_counter() - begun:.0f} s)", flush=True)  # fmt: skip
        ok &= bool(outcome.solved) == (name == "guard off")
        for row, n in outcome.solved[:5]:
            print(f"   publication {row[0]}, {row[1]}, row {row[2]}: {n}")
    print("HOLDS" if ok else "DOES NOT HOLD")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
