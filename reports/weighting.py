"""Weighted figures beside the unweighted ones, per stratum and wave (ST2, ST3, ST4).

Residents and people abroad are never pooled. Without margins nothing is weighted; a stratum
whose margins cannot be met is refused with a sentence that says where, and stays unweighted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from flows.margins import STRATA, Margin
from flows.readings import Readings
from reports.disclosure import Guard
from reports.errors import Refused
from reports.percent import rounded
from reports.rows import QuestionCells
from reports.statistics.intervals import interval

if TYPE_CHECKING:
    from reports.statistics.raking import Raked

Codes = tuple[str, ...]
Block = dict[str, object]
TOP = 3
"""A theme counts for a person who put it among the first three."""


@dataclass(frozen=True, slots=True)
class Given:
    """The answers of a stratum to a question: (value, people, weight of each of them)."""

    answers: list[tuple[Codes, int, float]]

    @property
    def base(self) -> int:
        """The people."""
        return sum(n for _, n, _ in self.answers)

    @property
    def effective_n(self) -> float:
        """Kish's, of the people who answered this question."""
        total = sum(n * w for _, n, w in self.answers)
        squares = sum(n * w * w for _, n, w in self.answers)
        return total * total / squares if squares else 0.0

    def share(self, wanted: Sequence[str], top: int) -> float | None:
        """The weighted share of people with a wanted code among their first `top`."""
        total = sum(n * w for _, n, w in self.answers)
        hit = sum(n * w for value, n, w in self.answers if set(value[:top]) & set(wanted))
        return hit / total if total else None


@dataclass(slots=True)
class Weighting:
    """The weights of a cut: by (wave, stratum), and the answers of the key questions."""

    blocks: list[Block] = field(default_factory=list)
    given: dict[tuple[str, int, int, str], Given] = field(default_factory=dict)
    weighted: set[tuple[int, str]] = field(default_factory=set)


def weigh(readings: Readings, margins: Sequence[Margin]) -> Weighting:
    """Rake every stratum of every wave that margins are known for."""
    found = Weighting()
    people, answers = _tables(readings)
    weights: dict[tuple[int, str], dict[Codes, float]] = {}
    for wave, stratum in sorted(people, key=lambda key: (key[0], STRATA.index(key[1]))):
        own = [margin for margin in margins if margin.stratum == stratum]
        if own:
            block, by_codes = _rake(readings, own, wave, people[wave, stratum])
            found.blocks.append(block)
            if by_codes:
                weights[wave, stratum] = by_codes
    found.weighted = set(weights)
    for (question, version, wave, stratum), rows in answers.items():
        by_codes = weights.get((wave, stratum), {})
        found.given[question, version, wave, stratum] = Given(
            [(value, n, by_codes.get(codes, 1.0)) for value, codes, n in rows]
        )
    return found


def _tables(
    readings: Readings,
) -> tuple[
    dict[tuple[int, str], dict[Codes, int]],
    dict[tuple[str, int, int, str], list[tuple[Codes, Codes, int]]],
]:
    people: dict[tuple[int, str], dict[Codes, int]] = defaultdict(dict)
    answers: dict[tuple[str, int, int, str], list[tuple[Codes, Codes, int]]] = defaultdict(list)
    for question, version, wave, value, stratum, codes, n in readings.composition.rows():
        if question:
            answers[question, version, wave, stratum].append((value, codes, n))
        else:
            counted = people[wave, stratum]
            counted[codes] = counted.get(codes, 0) + n
    return people, answers


def _rake(
    readings: Readings, margins: Sequence[Margin], wave: int, people: Mapping[Codes, int]
) -> tuple[Block, dict[Codes, float]]:
    """What is told of a stratum's weights, and the weight of every pattern of codes."""
    from reports.statistics.raking import CAP, Cells, rake

    place = {name: at for at, name in enumerate(readings.composition.variables)}
    stratum = margins[0].stratum
    pattern = {
        codes: tuple(
            m.category_of(codes[place[m.variable]]) if codes[place[m.variable]] else ""
            for m in margins
        )
        for codes in people
    }
    counted: dict[Codes, int] = defaultdict(int)
    for codes, n in people.items():
        counted[pattern[codes]] += n
    cells = Cells(
        stratum=stratum,
        variables=tuple(m.variable for m in margins),
        codes=tuple(counted),
        n=tuple(counted.values()),
    )
    block: Block = {
        "stratum": stratum,
        "wave": wave,
        "base": sum(people.values()),
        "margins": [
            {"variable": m.variable, "source": m.source, "date": m.on.isoformat()} for m in margins
        ],
        **dict.fromkeys(("design_effect", "effective_n", "weights", "capped", "gap")),
        "cap": rounded(Fraction(CAP)),
        "refused": None,
    }
    try:
        raked = rake(cells, {m.variable: m.people for m in margins})
    except Refused as refused:
        return {**block, "refused": {"reason": refused.reason, "values": refused.values}}, {}
    by_pattern = dict(zip(cells.codes, raked.weights, strict=True))
    return block | _quality(raked), {codes: by_pattern[pattern[codes]] for codes in people}


def _quality(raked: Raked) -> Block:
    quality = raked.quality
    return {
        "design_effect": f"{quality.design_effect:.3f}",
        "effective_n": f"{quality.effective_n:.1f}",
        "weights": {"low": f"{quality.low:.2f}", "high": f"{quality.high:.2f}"},
        "capped": _share(raked.moved),
        "gap": _share(raked.gap),
    }


def strata(
    found: Weighting, key: tuple[str, int, int], measures: Mapping[str, Sequence[str]], top: int
) -> list[Block]:
    """The figures of a question by stratum: unweighted, weighted where there are weights.

    `key`: question, version, wave. `measures`: figure to the codes it counts, among the first
    `top` codes of each answer. The interval is that of the weighted share, or of the unweighted
    one where nothing is weighted; None under 30 people or 30 effective ones.
    """
    shown = []
    for stratum in STRATA:
        given = found.given.get((*key, stratum))
        if given is None or not given.base:
            continue
        is_weighted = (key[2], stratum) in found.weighted
        shown.append(
            {
                "stratum": stratum,
                "base": given.base,
                "effective_n": f"{given.effective_n:.1f}" if is_weighted else None,
                "figures": [
                    _figure(given, code, wanted, top, is_weighted=is_weighted)
                    for code, wanted in measures.items()
                ],
            }
        )
    return shown


def _figure(
    given: Given, code: str, wanted: Sequence[str], top: int, *, is_weighted: bool
) -> Block:
    named = sum(n for value, n, _ in given.answers if set(value[:top]) & set(wanted))
    weighted = given.share(wanted, top) if is_weighted else None
    share = named / given.base if weighted is None else weighted
    ends = interval(share, given.base, given.effective_n)
    return {
        "code": code,
        "n": named,
        "percent": rounded(Fraction(100 * named, given.base)),
        "weighted": None if weighted is None else _share(weighted),
        "low": _share(ends[0]) if ends else None,
        "high": _share(ends[1]) if ends else None,
    }


def _share(value: float) -> str:
    return rounded(Fraction(value) * 100)


def add_strata(
    found: Weighting,
    tables: Sequence[QuestionCells],
    questions: Sequence[Block],
    rankings: Sequence[Block],
) -> None:
    """Put the figures by stratum into questions and rankings, where the stratum is shown.

    Of a question its measures; of a ranking the share of people who put a theme in their first
    three. A stratum whose row is hidden in the table has no figures.
    """
    by_key = {(str(t.question.id), t.version, t.wave): t for t in tables}
    shown = {_key(entry): _visible(entry) for entry in questions}
    for entry in (*questions, *rankings):
        table = by_key[_key(entry)]
        measures: Mapping[str, Sequence[str]] = table.question.measures
        if "themes" in entry:
            measures = {theme["code"]: [theme["code"]] for theme in entry["themes"]}  # type: ignore[attr-defined]  # rows
        if measures:
            made = strata(found, _key(entry), measures, TOP if "themes" in entry else 1)
            entry["strata"] = [s for s in made if s["stratum"] in shown.get(_key(entry), ())]


def _key(entry: Block) -> tuple[str, int, int]:
    return str(entry["id"]), int(str(entry["version"])), int(str(entry["wave"]))


def _visible(entry: Block) -> set[str]:
    """The strata whose rows are shown."""
    rows: Sequence[Block] = entry["rows"]  # type: ignore[assignment]  # rows of a table
    return {str(r["code"]) for r in rows if r["by"] == "residence" and not r["hidden"]}


def shown_blocks(found: Weighting, who: Mapping[str, object], guard: Guard) -> list[Block]:
    """The weights as they may be told: in public nothing that gives a small category away."""
    if not guard.is_public:
        return found.blocks
    shown = []
    for block in found.blocks:
        refused: Mapping[str, Mapping[str, object]] | None = block["refused"]  # type: ignore[assignment]  # or None
        if refused is not None:
            variable = refused["values"].get("variable")
            block |= {"refused": {"reason": "public", "values": {"variable": variable}}}
        if who[str(block["stratum"])] is not None:
            shown.append({**block, "base": None, "weights": None})
    return shown
