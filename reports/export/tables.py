"""The summary as flat tables with typed columns: what every export writes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flows.binding import BoundConsultation
from flows.languages import LANGUAGES, in_language
from reports.labels import Labels, Summary

Cell = str | int | Decimal | bool | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the files, its type as Frictionless names it, what it holds."""

    name: str
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: rows hold only str, int, Decimal, bool or None (not shown, or not known)."""

    name: str
    says: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def tables_of(summary: Summary, bound: BoundConsultation) -> list[Table]:
    """Every table of a summary, the one about the data first, the codebook last."""
    labels = Labels(bound, summary["locale"])
    makers: tuple[Callable[[Summary, Labels], Table], ...] = (
        _about, _states, _participation, _questions, _answers, _measures, _rankings, _changes,
        _plan, _quotes, _replies,
    )  # fmt: skip
    return [*(make(summary, labels) for make in makers), codebook(bound)]


def _table(name: str, says: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """`columns` are «name:type: what it holds»."""
    parts = [column.split(":", 2) for column in columns]
    made = tuple(Column(a.strip(), b.strip(), c.strip()) for a, b, c in parts)
    return Table(name, says, made, tuple(tuple(row) for row in rows))


def share(text: str | None) -> Decimal | None:
    """A share of the summary, a string with a point, as a number."""
    return None if text is None else Decimal(text)


def _about(s: Summary, labels: Labels) -> Table:
    made = s["produced_by"]
    pairs = [
        ("consultation", s["consultation"]["id"]),
        ("title", labels.title(s)),
        ("version", s["consultation"]["version"]),
        ("wave", "all" if s["wave"] is None else s["wave"]),
        ("week", s["week"]),
        ("view", s["view"]),
        ("cut", s["as_of"]),
        ("fingerprint", s["fingerprint"]),
        ("program", f"Tertulia {made['version']}"),
        ("seed", made["seed"]),
        ("frozen_since", s["frozen_since"]),
        *(("notice", labels.word(code)) for code in s["notices"]),
    ]
    shown = [(key, "" if value is None else str(value)) for key, value in pairs]
    columns = ("key:string: what", "value:string: its value")
    return _table("about", "What these data are and how to read them", columns, shown)


def _states(s: Summary, labels: Labels) -> Table:
    names = ("declined", "under_age", "empty", "partial", "complete", "withdrawn", "started")
    rows = [(name, s["states"][name]) for name in names]
    columns = (
        "state:string: end state of a response; started is their sum",
        "n:integer: responses",
    )
    return _table("states", "Responses by how they ended", columns, rows)


def _participation(s: Summary, labels: Labels) -> Table:
    who, entry = s["participation"], s.get("entry") or {}
    parts = [
        ("sector", who["by_sector"]),
        ("actor_type", who["by_actor_type"]),
        ("group", who["priority_groups"]),
        ("country", who["countries"]),
        ("channel", entry.get("by_channel", [])),
        ("language", entry.get("by_language", [])),
        ("source", who.get("by_source", [])),
    ]
    rows = [
        (
            by,
            r["code"],
            _label(labels, by, r["code"]),
            r["n"],
            r.get("state"),
            bool(r.get("hidden")),
        )
        for by, listed in parts
        for r in listed
    ]
    columns = (
        "by:string: what the row is a row of",
        "code:string: code of the row; _grouped gathers hidden rows, _unknown is not known",
        "label:string: its name",
        "n:integer: people; empty when hidden",
        "state:string: silent, insufficient, partial, covered or low",
        "hidden:boolean: whether the number is not shown",
    )
    return _table("participation", "Who took part", columns, rows)


def _label(labels: Labels, by: str, code: str) -> str:
    return labels.sector(code) if by == "group" else labels.row(by, code)


def _questions(s: Summary, labels: Labels) -> Table:
    counts = ("base", "skipped", "not_shown", "not_reached")
    rows = [
        (q["id"], q["version"], q["wave"], q["type"], labels.question(q["id"]))
        + tuple(q[name] for name in counts)
        for q in s["questions"]
    ]
    columns = (
        *_KEY,
        "type:string: how it is answered",
        "text:string: as it was shown",
        "base:integer: people who gave any answer",
        "skipped:integer: people who skipped it",
        "not_shown:integer: people it was not shown to",
        "not_reached:integer: people who stopped before it",
    )
    return _table("questions", "Every question with its bases", columns, rows)


_KEY = (
    "question:string: code of the question",
    "version:integer: version of its meaning; versions are never summed",
    "wave:integer: wave",
)


def _answers(s: Summary, labels: Labels) -> Table:
    columns = (
        *_KEY,
        "by:string: total, or the segment of the row",
        "row:string: code of the row; _grouped gathers hidden rows",
        "row_label:string: its name",
        "row_base:integer: people in the row; empty when hidden",
        "hidden:boolean: whether the row or the cell is not shown",
        "choice:string: code of the choice; empty when the whole row is hidden",
        "choice_label:string: its label",
        "n:integer: people who chose it",
        "percent:number: of the row's base; several choices of a person count each",
    )
    rows = [row for q in s["questions"] for row in _answer_rows(q, labels)]
    return _table("answers", "Every closed question, in total and by row", columns, rows)


def _answer_rows(q: dict[str, Any], labels: Labels) -> Iterator[tuple[Any, ...]]:
    key = (q["id"], q["version"], q["wave"])
    for c in q["choices"]:
        yield (*key, "total", "", "", q["base"], c["hidden"], *_chosen(q["id"], c, labels))
    for r in q["rows"]:
        place = (*key, r["by"], r["code"], labels.row(r["by"], r["code"]), r["base"])
        if r["hidden"]:
            yield (*place, True, "", "", None, None)
        for c in r["choices"]:
            yield (*place, c["hidden"], *_chosen(q["id"], c, labels))


def _chosen(question: str, c: dict[str, Any], labels: Labels) -> tuple[Any, ...]:
    return (c["code"], labels.choice(question, c["code"]), c["n"], share(c["percent"]))


def _measures(s: Summary, labels: Labels) -> Table:
    rows = [
        (q["id"], q["version"], q["wave"], m["code"], m["n"], share(m["percent"]), q["base"])
        for q in s["questions"]
        for m in q["measures"]
    ]
    columns = (
        *_KEY,
        "measure:string: favour or against",
        "n:integer: people",
        "percent:number: of the base",
        "base:integer: people who gave any answer",
    )
    return _table("measures", "In favour and against", columns, rows)


def _rankings(s: Summary, labels: Labels) -> Table:
    rows = [
        (r["id"], r["version"], r["wave"], t["code"], labels.choice(r["id"], t["code"]), t["rank"])
        + (t["points"], t["mentions"], t["first"], share(t["percent"]), r["base"])
        for r in s["rankings"]
        for t in r["themes"]
    ]
    columns = (
        *_KEY,
        "theme:string: code of the theme",
        "label:string: its name",
        "rank:string: place; 2= is a tie",
        "points:integer: 3, 2 and 1 for first, second and third place",
        "mentions:integer: people who named it",
        "first:integer: people who put it first",
        "percent:number: people who named it, of the base",
        "base:integer: people who gave any answer",
    )
    return _table("rankings", "Themes in order", columns, rows)


def _changes(s: Summary, labels: Labels) -> Table:
    rows = []
    for c in s["changes"]:
        panel = c["panel"] or {"n": None, "from": None, "to": None, "points": None}
        rows.append(
            (c["question"], c["measure"], share(c["from"]), share(c["to"]), share(c["points"]))
            + (panel["n"], share(panel["from"]), share(panel["to"]), share(panel["points"]))
        )
    columns = (
        "question:string: code of the question",
        "measure:string: favour or against",
        "from:number: share in the earlier wave",
        "to:number: share in the later wave",
        "points:number: their difference, from the exact fractions",
        "panel_n:integer: the same people in both waves",
        "panel_from:number: their share in the earlier wave",
        "panel_to:number: their share in the later wave",
        "panel_points:number: their difference",
    )
    return _table("changes", "From one wave to the next", columns, rows)


def _plan(s: Summary, labels: Labels) -> Table:
    rows = [
        (r["axis"], labels.axis(r["axis"]), r["objective"] or "")
        + (labels.objective(r["objective"]) if r["objective"] else "",)
        + (r["mentions"], r["favour"], r["against"])
        for r in s["plan"]
    ]
    columns = (
        "axis:string: code of the axis",
        "axis_label:string: its name",
        "objective:string: code of the objective; empty for the whole axis",
        "objective_label:string: its name",
        "mentions:integer: people who named a theme of it; empty when hidden",
        "favour:integer: of them in favour",
        "against:integer: of them against",
    )
    return _table("plan", "Input for the plan", columns, rows)


def _quotes(s: Summary, labels: Labels) -> Table:
    rows = [(q["question"], q["side"], q["language"], q["text"]) for q in s["quotes"]]
    for asked in s.get("open_answers", ()):
        rows += [(asked["question"], "", q["language"], q["text"]) for q in asked["quotes"]]
    columns = (
        "question:string: code of the question",
        "side:string: against, favour or empty",
        "language:string: language it was written in",
        "text:string: words with permission and without personal data",
    )
    return _table("quotes", "Words of people", columns, rows)


def _replies(s: Summary, labels: Labels) -> Table:
    rows = [
        (t["code"], labels.theme(t["code"]), t["state"])
        + tuple(t[name] or "" for name in ("reason", "unit", "due"))
        for t in s["replies"]["themes"]
    ]
    columns = (
        "theme:string: code of the theme",
        "label:string: its name",
        "state:string: accepted, in_part, not_accepted, in_study or open",
        "reason:string: the city's reason",
        "unit:string: who answers for it",
        "due:string: by when",
    )
    return _table("replies", "What the city replied", columns, rows)


def codebook(bound: BoundConsultation) -> Table:
    """Every question and choice with its wording in the four languages."""
    rows: list[tuple[Any, ...]] = []
    for q in bound.definition.questions:
        texts = tuple(in_language(q.text, code) for code in LANGUAGES)
        rows.append((q.id, q.version, str(q.type), q.sensitive, "", *texts))
        for choice in q.choices:
            names = tuple(in_language(choice.label, code) for code in LANGUAGES)
            rows.append((q.id, q.version, str(q.type), q.sensitive, choice.code, *names))
    columns = (
        "question:string: code of the question",
        "version:integer: version of its meaning",
        "type:string: how it is answered",
        "sensitive:boolean: shown in total only",
        "choice:string: code of the choice; empty for the question itself",
        *(f"text_{code}:string: its words in {code}" for code in LANGUAGES),
    )
    return _table("codebook", "How everything was asked, in four languages", columns, rows)
