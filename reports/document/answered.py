"""What the city does and what it answered; the plan, a page per axis."""

from __future__ import annotations

from typing import Any

from reports.document.blocks import (
    Block,
    Section,
    cards,
    head,
    note,
    para,
    picture,
    quote,
    section,
    table,
)
from reports.document.material import Material, upper
from reports.document.views import strata_table, theme_bars
from reports.picture import main_ranking, main_support


def doing(m: Material) -> Section:
    """CP8: what the city does abroad, at which cost, and who benefits."""
    rows = [
        [a.year, m.local(a.action), a.cost, m.local(a.benefits)] for a in m.bound.instance.actions
    ]
    heads = [m.say("year"), m.say("action"), m.say("cost"), m.say("benefits")]
    shown = table(heads, rows, widths=[0.5, 2.6, 1, 2.4])
    blocks = [shown or note(m.say("actions_none"), "act")]
    return section("doing", m.say("t_doing"), blocks, new_page=True)


def replies(m: Material) -> Section:
    """Said and answered (RC13): every theme that needs a reply, with its reason and date."""
    block = m.summary["replies"]
    counts = {name: m.number(block[name]) for name in ("answered", "in_study", "open")}
    rows = [
        [
            m.labels.theme(t["code"]),
            m.labels.state(t["state"]) if t["state"] != "open" else m.say("reply_open"),
            t["reason"] or "–",
            _who_and_when(m, t),
        ]
        for t in block["themes"]
    ]
    heads = [m.say("theme"), m.say("state"), m.say("reason"), m.say("who_when")]
    blocks = [
        para(m.say("reply_counts", **counts), "lead"),
        para(m.say("replies_intro", k=m.city.thresholds.public), "soft"),
        table(heads, rows, widths=[1.4, 1, 3, 1.6]),
    ]
    return section("replies", m.say("t_replies"), blocks)


def _who_and_when(m: Material, theme: dict[str, Any]) -> str:
    if theme["unit"] is None:
        return "–"
    return f"{theme['unit']} · {m.say('due', date=_day(m, theme['due']))}"


def _day(m: Material, text: str) -> str:
    from datetime import date

    try:
        return m.labels.day(date.fromisoformat(text))
    except ValueError:
        return text


def axes(m: Material) -> list[Section]:
    """Insumo para el Plan: a page per axis."""
    rows = [row for row in m.summary["plan"] if row["objective"] is None]
    return [_axis(m, row) for row in rows]


def _axis(m: Material, row: dict[str, Any]) -> Section:
    code = row["axis"]
    themes = [
        t for t in m.bound.instance.plan.themes if code in m.bound.instance.plan.axes_of(t.code)
    ]
    blocks: list[Block | None] = []
    if row["mentions"] is None:
        blocks.append(note(f"{upper(m.say('hidden'))}. {m.say('why_text')}", "warn"))
    else:
        blocks += [_axis_cards(m, row), _axis_support(m)]
    blocks += [
        head(m.say("t_axis_themes")),
        _axis_themes(m, {t.code for t in themes}),
        _axis_strata(m, {t.code for t in themes}),
        head(m.say("objectives")),
        _objectives(m, code),
        *_axis_reasons(m, row),
        *_axis_replies(m, {t.code for t in themes}),
        para(m.say("axis_foot"), "soft"),
    ]
    title = m.say("titled", title=m.say("plan"), of=m.labels.axis(code))
    return section(f"axis-{code}", title, blocks, new_page=True)


def _axis_cards(m: Material, row: dict[str, Any]) -> Block:
    return cards(
        [
            (m.number(row["mentions"]), m.say("people_named")),
            (m.number(row["against"]), m.say("of_them_against")),
            (m.number(row["favour"]), m.say("of_them_favour")),
        ],
        ["accent", "no", "accent"],
    )


def _axis_support(m: Material) -> Block | None:
    """Which question says in favour and against."""
    support = main_support(m.summary)
    if support is None:
        return None
    return para(m.say("axis_support", question=m.labels.question(support["id"])), "soft")


def _axis_themes(m: Material, themes: set[str]) -> Block | None:
    """The axis's themes in the ranking, as bars on the scale of all themes."""
    ranking = main_ranking(m.summary)
    if ranking is None:
        return None
    own = [t for t in ranking["themes"] if t["code"] in themes]
    if not own:
        return None
    return picture(
        theme_bars(m, ranking, own), m.say("points_caption", n=m.number(ranking["base"]))
    )


def _axis_strata(m: Material, themes: set[str]) -> Block | None:
    """The axis's themes among those who live here and among those who live abroad (ST2)."""
    ranking = main_ranking(m.summary)
    if ranking is None:
        return None
    return strata_table(m, ranking, themes)


def _objectives(m: Material, axis: str) -> Block | None:
    rows = [
        [m.labels.objective(r["objective"])]
        + [m.number(r[name]) for name in ("mentions", "against", "favour")]
        for r in m.summary["plan"]
        if r["axis"] == axis and r["objective"]
    ]
    heads = [m.say("objective"), m.say("people_head")]
    heads += [upper(m.say(side)) for side in ("against", "favour")]
    return table(heads, rows, numbers=[1, 2, 3], widths=[3, 1, 1, 1])


def _axis_reasons(m: Material, row: dict[str, Any]) -> list[Block | None]:
    ordered = sorted(row["reasons"], key=lambda q: q["side"] != "against")
    quotes = [quote(q["text"], q["language"], q["side"], m.say(q["side"])) for q in ordered]
    return [head(m.say("reasons")), *quotes] if quotes else []


def _axis_replies(m: Material, themes: set[str]) -> list[Block | None]:
    found = [t for t in m.summary["replies"]["themes"] if t["code"] in themes]
    if not found:
        return []
    shown: list[Block | None] = [head(m.say("t_replies"))]
    for theme in found:
        name = m.labels.theme(theme["code"])
        if theme["state"] == "open":
            shown.append(note(m.say("axis_open", theme=name), "warn"))
        else:
            state = m.labels.state(theme["state"])
            text = f"{theme['reason']} {_who_and_when(m, theme)}"
            shown.append(note(text, "info", m.say("titled", title=name, of=state)))
    return shown
