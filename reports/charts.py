"""Charts as data: what `templates/charts.typ` draws, with the sentence that a screen reader says.

Nothing is counted here. A chart takes shares from 0 to 1 for lengths and strings for reading;
its alternative text holds every figure that the picture shows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import sqrt
from typing import Any

from reports.typesetting import typeset

Chart = dict[str, Any]

SIDES = 5
"""Positions of a scale: strongly against, against, neither, in favour, strongly in favour."""
ROOM = 0.2
"""Share of a half's width from which a segment has room for its figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar. `low` and `high` are the ends of its interval; `group` is a heading above it."""

    label: str
    share: float
    value: str
    note: str = ""
    low: float | None = None
    high: float | None = None
    tone: str = "accent"
    group: str = ""


def bars(title: str, rows: Sequence[Bar], *, label_width: float = 0.34) -> Chart:
    """Bars on one scale: the longest share given is not stretched, 1 is the full width."""
    said = [f"{row.label}: {row.value}{f', {row.note}' if row.note else ''}" for row in rows]
    return {
        "kind": "bars",
        "alt": _alt(title, said),
        "label-width": label_width,
        "rows": [asdict(row) for row in rows],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One row of a five-point scale. `shares` and `texts` go from strongly against to strongly
    in favour; `against`, `favour`, `neutral` and `base` are read beside the bars."""

    label: str
    shares: tuple[float, ...] = (0.0,) * SIDES
    texts: tuple[str, ...] = ("",) * SIDES
    against: str = ""
    favour: str = ""
    neutral: str = ""
    base: str = ""
    hidden: bool = False
    note: str = ""
    total: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleWords:
    """What heads the columns of a five-point scale; `legend` names its five positions."""

    legend: tuple[str, ...]
    against: str
    favour: str
    neutral: str
    base: str


def diverging(
    title: str, rows: Sequence[Opinion], words: ScaleWords, *, label_width: float = 0.25
) -> Chart:
    """A five-point scale around one axis; both sides get the same space and the same scale."""
    sides = [(r.shares[0] + r.shares[1], r.shares[3] + r.shares[4]) for r in rows if not r.hidden]
    most = max((max(pair) for pair in sides), default=0.0) or 1.0
    said = [
        f"{r.label}: {r.note}"
        if r.hidden
        else f"{r.label}: {words.against} {r.against}, {words.favour} {r.favour}, "
        f"{words.neutral} {r.neutral}, {words.base} {r.base}"
        for r in rows
    ]
    heads = {name: getattr(words, name) for name in ("against", "favour", "neutral", "base")}
    return {
        "kind": "diverging",
        "alt": _alt(title, said),
        "label-width": label_width,
        "legend": list(words.legend),
        "heads": heads,
        "most": most,
        "room": ROOM * most,
        "rows": [asdict(row) for row in rows],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """From one wave to the next. `panel`: the same persons, drawn dashed."""

    label: str
    start: float
    end: float
    start_text: str
    end_text: str
    tone: str = "accent"
    panel: bool = False


APART = 0.085
"""Least distance between two labels of a slope, as a share of its height."""


def slope(title: str, lines: Sequence[Line], left: str, right: str) -> Chart:
    """Lines between two waves on a scale that holds them all, from 0 to 1."""
    values = [v for line in lines for v in (line.start, line.end)]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    low, high = max(0.0, low - span * 0.1), min(1.0, high + span * 0.1)
    at = [((x.start - low) / (high - low), (x.end - low) / (high - low)) for x in lines]
    lefts, rights = _spread([a for a, _ in at]), _spread([b for _, b in at])
    said = [f"{x.label}: {x.start_text} → {x.end_text}" for x in lines]
    return {
        "kind": "slope",
        "alt": _alt(f"{title}. {left} → {right}", said),
        "left": left,
        "right": right,
        "lines": [
            {
                "from": a,
                "to": b,
                "left-at": la,
                "right-at": ra,
                "left-text": f"{x.label}  {x.start_text}",
                "right-text": f"{x.end_text}  {x.label}",
                "tone": x.tone,
                "panel": x.panel,
            }
            for x, (a, b), la, ra in zip(lines, at, lefts, rights, strict=True)
        ],
    }


def _spread(places: Sequence[float]) -> list[float]:
    """The same order, no two closer than APART."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, here in pairwise(order):
        moved[here] = max(moved[here], moved[before] + APART)
    return moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One actor type: its state, and its number or the word that stands for it."""

    label: str
    value: str
    state: str
    number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One sector with its actor types."""

    label: str
    value: str
    cells: tuple[Cell, ...]


def heat(title: str, rows: Sequence[HeatRow], legend: Sequence[tuple[str, str]]) -> Chart:
    """Sectors by actor types; the legend is (state, words)."""
    said = [
        f"{row.label} {row.value}: "
        + ", ".join(f"{cell.label} {cell.value}" for cell in row.cells)
        for row in rows
    ]
    return {
        "kind": "heat",
        "alt": _alt(title, said),
        "legend": [{"state": state, "label": label} for state, label in legend],
        "rows": [asdict(row) for row in rows],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country and how many answered from it."""

    code: str
    name: str
    n: int
    shown: str


LETTER, LINE, GAP = 18, 34, 7
"""Width of a letter, height of a line and distance from a dot, in units of the map."""
SMALLEST, LARGEST = 9, 44
HOME = 16
"""Radii of dots, in units of the map. The area stands for the number."""


def dots(title: str, places: Sequence[Place], home: tuple[str, str] | None = None) -> Chart:
    """A map of countries (Equal Earth); `home` is the city's country and the city's name.

    A label that would cover another is left out: the list beside the map has every country.
    """
    world = _world()
    known = [p for p in places if p.code in world["centres"]]
    most = max((p.n for p in known), default=1)
    drawn = [
        {"x": x, "y": y, "r": _radius(p.n, most)}
        for p in known
        for x, y in (world["centres"][p.code],)
    ]
    taken = [_box(d["x"] - d["r"], d["y"] - d["r"], 2 * d["r"], 2 * d["r"]) for d in drawn]
    mark, labels = None, []
    if home is not None and home[0] in world["centres"]:
        x, y = world["centres"][home[0]]
        mark = {"x": x, "y": y}
        taken.append(_box(x - HOME, y - HOME, 2 * HOME, 2 * HOME))
        labels += _label(home[1], (x, y, HOME), taken, is_home=True)
    for place, dot in zip(known, drawn, strict=True):
        text = f"{place.name} {place.shown}"
        labels += _label(text, (dot["x"], dot["y"], dot["r"]), taken, is_home=False)
    said = [f"{p.name}: {p.shown}" for p in places]
    return {
        "kind": "dots",
        "alt": _alt(title, said),
        "dots": drawn,
        "labels": labels,
        "home": mark,
    }


def _radius(n: int, most: int) -> float:
    return round(max(SMALLEST, LARGEST * sqrt(n / most)), 1)


def _box(x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
    return (x, y, x + width, y + height)


def _label(
    text: str,
    dot: tuple[float, float, float],
    taken: list[tuple[float, float, float, float]],
    *,
    is_home: bool,
) -> list[dict[str, Any]]:
    """The label where it covers nothing, or no label; its box is taken then."""
    x, y, r = dot
    width = len(text) * LETTER
    corners = [
        (x + r + GAP, y),
        (x - r - GAP - width, y),
        (x + r * 0.7, y - r - LINE / 2),
        (x - r * 0.7 - width, y - r - LINE / 2),
        (x + r * 0.7, y + r + LINE / 2),
        (x - r * 0.7 - width, y + r + LINE / 2),
    ]
    for left, middle in corners:
        box = _box(left, middle - LINE / 2, width, LINE)
        if (
            left >= 0
            and left + width <= _world()["width"]
            and not any(_meet(box, b) for b in taken)
        ):
            taken.append(box)
            return [{"x": left, "y": middle, "text": text, "home": is_home}]
    return []


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@cache
def _world() -> dict[str, Any]:
    text = (files("reports") / "templates" / "world.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _alt(title: str, said: Sequence[str]) -> str:
    return f"{title}. {'; '.join(said)}."


def render_chart(chart: Chart, language: str, *, kind: str, width_mm: int = 170) -> bytes:
    """One chart alone: `kind` is svg, for a page, or png, for a chat."""
    data = {"lang": language, "title": chart["alt"][:80], "width": width_mm, "chart": chart}
    output: dict[str, Any] = {"format": kind} | ({"ppi": 144} if kind == "png" else {})
    return typeset("single.typ", data, **output)
