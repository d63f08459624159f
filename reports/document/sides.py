"""Support and opposition (CP7): both sides with the same space, dissent first, minority named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flows.consultation import Question, Role
from reports import charts
from reports.charts import Chart, Line, Opinion, ScaleWords
from reports.document.blocks import (
    Block,
    Section,
    head,
    listed,
    note,
    para,
    picture,
    quote,
    section,
)
from reports.document.material import Entry, Material, upper
from reports.document.views import coded_answers
from reports.percent import percent
from reports.picture import main_support, measure

BY = ("residence", "sector", "language")
SIDES = ("against", "favour")


def sides(m: Material) -> Section | None:
    """The whole distribution, who it differs for, the reasons, and the change between waves."""
    support = main_support(m.summary)
    if support is None:
        return None
    rows = rows_of(support, BY)
    blocks = [
        para(m.labels.question(support["id"]), "soft"),
        note(_minority(m, support), "act"),
        picture(opinion_chart(m, support, rows), m.say("sides_caption") + " " + m.sure(support)),
        listed(_leaning(m, support, rows)),
        *_hidden(m, rows),
        head(m.say("reasons")),
        *_reasons(m),
        *coded_answers(m, Role.REASON),
        *_concerns(m),
        *_changes(m),
    ]
    return section("sides", m.say("t_sides"), blocks, new_page=True)


def rows_of(entry: Entry, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of some segments, those who live here and abroad first."""
    order = ("resident", "abroad")
    found = [row for name in names for row in entry["rows"] if row["by"] == name]
    place = {code: at for at, code in enumerate(order)}
    return sorted(found, key=lambda r: (names.index(r["by"]), place.get(r["code"], len(order))))


def opinion_chart(m: Material, support: Entry, rows: Iterable[dict[str, Any]]) -> Chart:
    """The total, then the rows that may be shown; hidden ones say so."""
    question = m.bound.by_id[support["id"]]
    total = {**support, "hidden": False}
    drawn = [_opinion(m, question, m.say("all"), total, is_total=True)]
    drawn += [_opinion(m, question, m.row(r["by"], r["code"]), r) for r in rows]
    scale = _positions(question)
    legend = tuple(m.labels.choice(question.id, code) if code else "" for code in scale)
    neutral = m.labels.choice(question.id, scale[2]) if scale[2] else m.say("neither")
    words = ScaleWords(
        legend=legend,
        against=upper(m.say("against")),
        favour=upper(m.say("favour")),
        neutral=neutral,
        base="n",
    )
    return charts.diverging(m.say("t_sides"), drawn, words)


def _positions(question: Question) -> tuple[str, str, str, str, str]:
    """The codes from strongly against to strongly in favour; a missing position is empty."""
    against, favour = question.measures["against"], question.measures["favour"]
    ordered = [c.code for c in question.choices]
    middle = [c for c in ordered if c not in {*against, *favour, "NS"}]
    low = sorted(against, key=ordered.index)
    high = sorted(favour, key=ordered.index)
    far, near = (low[0], low[-1]) if len(low) > 1 else ("", low[0])
    liked, loved = (high[0], high[-1]) if len(high) > 1 else (high[0], "")
    return far, near, middle[0] if middle else "", liked, loved


def _opinion(
    m: Material, question: Question, label: str, row: dict[str, Any], *, is_total: bool = False
) -> Opinion:
    if row["hidden"]:
        by = upper(m.say(f"by_{row['by']}"))
        return Opinion(label=label, hidden=True, note=m.say("hidden"), group=by)
    given = {c["code"]: c for c in row["choices"] if c["n"] is not None}
    scale = _positions(question)
    shares = tuple(_share(given.get(code)) for code in scale)
    texts = tuple(m.bare(given[c]["percent"]) if c in given else "" for c in scale)
    neutral = given.get(scale[2])
    group = "" if is_total else upper(m.say(f"by_{row['by']}"))
    against, favour = (_side(question, row, side)[1] for side in SIDES)
    return Opinion(
        label=label,
        shares=shares,
        texts=texts,
        against=m.percent(against),
        favour=m.percent(favour),
        neutral=m.percent(neutral["percent"]) if neutral else "–",
        base=m.number(row["base"]),
        total=is_total,
        group=group,
    )


def _share(cell: dict[str, Any] | None) -> float:
    return float(cell["percent"]) / 100 if cell and cell["percent"] is not None else 0.0


def _side(question: Question, row: dict[str, Any], side: str) -> tuple[int, str | None]:
    """(people, share) of a side: the summary's measure, else the sum of the published counts."""
    for measured in row.get("measures") or ():
        if measured["code"] == side:
            return measured["n"], measured["percent"]
    codes = question.measures[side]
    n = sum(c["n"] for c in row["choices"] if c["code"] in codes and c["n"] is not None)
    return n, percent(n, row["base"])


def _minority(m: Material, support: Entry) -> str:
    against, favour = measure(support, "against"), measure(support, "favour")
    if against["n"] == favour["n"]:
        return m.say("sides_even", n=m.number(against["n"]), percent=m.percent(against["percent"]))
    least, side = (against, "against") if against["n"] < favour["n"] else (favour, "favour")
    return m.say(
        "minority", side=m.say(side), n=m.number(least["n"]), percent=m.percent(least["percent"])
    )


def _leaning(m: Material, support: Entry, rows: list[dict[str, Any]]) -> list[str]:
    """The published rows where the side that is smaller in the total is the larger one."""
    question = m.bound.by_id[support["id"]]
    total = [measure(support, side)["n"] for side in SIDES]
    found = []
    for row in rows:
        if row["hidden"]:
            continue
        (a, a_share), (f, f_share) = (_side(question, row, side) for side in SIDES)
        if (a - f) * (total[0] - total[1]) < 0:
            found.append(
                m.say(
                    "leans",
                    who=m.row(row["by"], row["code"]),
                    against=m.percent(a_share),
                    favour=m.percent(f_share),
                    n=m.number(row["base"]),
                )
            )
    return found


def _hidden(m: Material, rows: list[dict[str, Any]]) -> list[Block | None]:
    return [para(m.say("why_text"), "soft")] if any(r["hidden"] for r in rows) else []


def _reasons(m: Material) -> list[Block | None]:
    """Reasons against, then in favour."""
    blocks: list[Block | None] = []
    for side in SIDES:
        blocks += [
            quote(q["text"], q["language"], side, m.say(side))
            for q in m.summary["quotes"]
            if q["side"] == side
        ]
    return blocks or [para(m.say("no_quotes"), "soft")]


def _concerns(m: Material) -> list[Block | None]:
    blocks: list[Block | None] = []
    for entry in m.latest(Role.CONCERNS):
        blocks += [head(m.labels.question(entry["id"])), m.distribution(entry)]
    return blocks


def _changes(m: Material) -> list[Block | None]:
    """RC9: between waves, everybody and the same persons as two lines."""
    found = m.summary["changes"]
    if not found:
        return []
    waves = sorted({q["wave"] for q in m.summary["questions"] if q["measures"] and q["base"]})
    lines = [line for change in found[-2:] for line in _lines(m, change)]
    bases = {
        q["wave"]: q["base"] for q in m.summary["questions"] if q["id"] == found[-1]["question"]
    }
    ends = [m.say("wave_n", wave=w, n=m.number(bases.get(w))) for w in waves[-2:]]
    chart = charts.slope(m.say("t_changes"), lines, *ends)
    return [head(m.say("t_changes")), picture(chart, m.say("changes_caption"), 86)]


def _lines(m: Material, change: dict[str, Any]) -> list[Line]:
    tone = "no" if change["measure"] == "against" else "accent"
    label = upper(m.say(change["measure"]))
    lines = [_line(m, label, change, tone, is_panel=False)]
    panel = change["panel"]
    if panel:
        same = m.say("same_people", measure=label, n=m.number(panel["n"]))
        lines.append(_line(m, same, panel, tone, is_panel=True))
    return lines


def _line(m: Material, label: str, ends: dict[str, Any], tone: str, *, is_panel: bool) -> Line:
    return Line(
        label=label,
        start=float(ends["from"]) / 100,
        end=float(ends["to"]) / 100,
        start_text=m.percent(ends["from"]),
        end_text=m.percent(ends["to"]),
        tone=tone,
        panel=is_panel,
    )
