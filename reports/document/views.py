"""What people said: perceptions, expectations, priorities, ways of acting, and from abroad."""

from __future__ import annotations

from typing import Any

from flows.consultation import Role
from reports import charts
from reports.document.blocks import (
    Block,
    Section,
    head,
    pairs,
    para,
    picture,
    quote,
    section,
    table,
)
from reports.document.material import Entry, Material, upper
from reports.picture import main_ranking

MOST_QUOTES = 6


def perceptions(m: Material) -> Section | None:
    """CP2: what they know and how much it matters to them."""
    blocks = _questions(m, m.latest(Role.PERCEPTION))
    return (
        section("perceptions", m.say("t_perceptions"), blocks, new_page=True) if blocks else None
    )


def expectations(m: Material) -> Section | None:
    """CP3: what they need today and what they hope for."""
    blocks: list[Block | None] = []
    for role in (Role.NEED, Role.EXPECTATION):
        for question in m.bound.definition.with_role(role):
            entry = m.entry(question.id)
            if entry is not None and entry["choices"]:
                blocks += _questions(m, [entry])
            blocks += _open(m, question.id)
    return section("expectations", m.say("t_expectations"), blocks) if blocks else None


def _open(m: Material, question: str) -> list[Block | None]:
    found = next((o for o in m.summary.get("open_answers", ()) if o["question"] == question), None)
    if found is None or found["n"] == 0:
        return []
    written = m.say("few_texts") if found["n"] is None else m.say("texts", n=m.number(found["n"]))
    quotes = [[quote(q["text"], q["language"])] for q in found["quotes"][:MOST_QUOTES]]
    said = [head(m.labels.question(question)), para(written, "soft"), *coded(m, found)]
    return [*said, *pairs(quotes)]


def coded(m: Material, found: dict[str, Any]) -> list[Block | None]:
    """The themes that people found in the texts, if somebody coded them (RC11)."""
    coding = found.get("coding")
    if not coding:
        return []
    rows = [
        charts.Bar(
            label=m.local(theme["label"]),
            share=float(theme["percent"]) / 100,
            value=m.percent(theme["percent"]),
            note=m.number(theme["n"]),
        )
        for theme in coding["themes"]
    ]
    blocks: list[Block | None] = []
    if rows:
        blocks.append(picture(charts.bars(m.say("t_coded"), rows), _coding_line(m, coding)))
        blocks.append(para(_without(m, coding), "soft"))
    if coding["also"]:
        names = ", ".join(m.local(label) for label in coding["also"])
        blocks.append(para(m.say("also_mentioned", themes=names)))
    return blocks


def _without(m: Material, coding: dict[str, Any]) -> str:
    """The shares without the flagged texts: the sensitivity line (T5)."""
    left = coding["coded"] - coding["flagged"]
    if not coding["flagged"] or left < m.k:
        return ""
    shares = ", ".join(
        f"{m.local(t['label'])} {m.percent(t['without_flagged'])}" for t in coding["themes"]
    )
    return m.say("without_flagged", n=m.number(left), themes=shares)


def coded_answers(m: Material, role: Role) -> list[Block | None]:
    """The coded themes of the questions with a role."""
    asked = {q.id for q in m.bound.definition.with_role(role)}
    found = [o for o in m.summary.get("open_answers", ()) if o["question"] in asked]
    blocks = [block for o in found for block in coded(m, o)]
    return [head(m.say("t_coded")), *blocks] if blocks else []


def _coding_line(m: Material, coding: dict[str, Any]) -> str:
    parts = [
        m.say(
            "coded_base", n=m.number(coding["coded"]), uncoded=m.percent(coding["uncoded_percent"])
        )
    ]
    if coding["agreement"]:
        both = coding["agreement"]
        parts.append(
            m.say(
                "agreement",
                n=m.number(both["n"]),
                percent=m.percent(both["percent"]),
                kappa=m.decimal(both["kappa"]),
            )
        )
    else:
        parts.append(m.say("one_coder"))
    if coding["flagged"]:
        parts.append(m.say("flagged", n=m.number(coding["flagged"])))
    return " ".join(parts)


def _questions(m: Material, entries: list[Entry]) -> list[Block | None]:
    """Each question with its distribution; two and more stand side by side."""
    parts = [[head(m.labels.question(e["id"])), m.distribution(e)] for e in entries]
    return [*parts[0]] if len(parts) == 1 else [*pairs(parts)]


def priorities(m: Material) -> Section | None:
    """CP4: the ranking, its table, and residents beside people abroad."""
    ranking = main_ranking(m.summary)
    if ranking is None:
        return None
    blocks = [
        para(m.labels.question(ranking["id"]), "soft"),
        picture(_ranked(m, ranking), _ranking_line(m, ranking)),
        *_focus(m, ranking),
        head(m.say("t_ranking_table")),
        _ranking_table(m, ranking),
        *_side_by_side(m, ranking),
    ]
    return section("priorities", m.say("t_priorities"), blocks)


def theme_bars(m: Material, ranking: Entry, themes: list[Entry]) -> charts.Chart:
    """Some themes of a ranking, by points, on the scale of all of them."""
    most = ranking["themes"][0]["points"] or 1
    rows = [
        charts.Bar(
            label=f"{t['rank']} · {m.labels.choice(ranking['id'], t['code'])}",
            share=t["points"] / most,
            value=m.number(t["points"]),
            note=m.say("named_by", percent=m.percent(t["percent"])),
        )
        for t in themes
    ]
    return charts.bars(m.say("t_priorities"), rows, label_width=0.32)


def _ranked(m: Material, ranking: dict[str, Any]) -> charts.Chart:
    most = ranking["themes"][0]["points"] or 1
    rows = [
        charts.Bar(
            label=f"{t['rank']} · {m.labels.choice(ranking['id'], t['code'])}",
            share=t["points"] / most,
            value=m.number(t["points"]),
            note=_rank_note(m, t),
            group=m.say("rank_tier", n=t["tier"]) if t.get("tier") else "",
        )
        for t in ranking["themes"]
    ]
    return charts.bars(m.say("t_priorities"), rows, label_width=0.32)


def _rank_note(m: Material, theme: dict[str, Any]) -> str:
    low, high = theme.get("best"), theme.get("worst")
    if low is None or high is None:
        return m.say("first_places", n=m.number(theme["first"]))
    return m.say("rank_between", low=low, high=high)


def _ranking_line(m: Material, ranking: dict[str, Any]) -> str:
    tiers = m.say("tiers_caption") if any(t.get("tier") for t in ranking["themes"]) else ""
    line = m.say(
        "ranking_caption",
        n=m.number(ranking["base"]),
        none=m.number(ranking["none"]),
        dont_know=m.number(ranking["dont_know"]),
    )
    return f"{line} {tiers}".strip()


def _focus(m: Material, ranking: dict[str, Any]) -> list[Block | None]:
    """The share of points in the first three themes (row 54), if the summary has it."""
    share = ranking.get("dispersion")
    return [para(m.say("focus", percent=m.percent(share)))] if share else []


def _ranking_table(m: Material, ranking: dict[str, Any]) -> Block | None:
    plan = m.bound.instance.plan
    rows = [
        [
            t["rank"],
            m.labels.choice(ranking["id"], t["code"]),
            m.number(t["points"]),
            m.number(t["mentions"]),
            m.percent(t["percent"]),
            m.number(t["first"]),
            ", ".join(m.labels.axis(code) for code in plan.axes_of(t["code"])),
        ]
        for t in ranking["themes"]
    ]
    named = [upper(m.say(w)) for w in ("theme", "points", "mentions")]
    heads = ["", *named, "%", m.say("first_head"), m.say("axis")]
    foot = m.say("ranking_foot")
    return table(
        heads, rows, numbers=[2, 3, 4, 5], widths=[0.4, 2.6, 0.9, 1.2, 0.9, 1, 2], foot=foot
    )


def _side_by_side(m: Material, ranking: dict[str, Any]) -> list[Block | None]:
    shown = strata_table(m, ranking, {t["code"] for t in ranking["themes"]})
    return [head(m.say("t_side_by_side")), shown] if shown else []


def strata_table(m: Material, ranking: dict[str, Any], themes: set[str]) -> Block | None:
    """ST2: residents and people abroad beside each other, never added; None if one is hidden."""
    entry = m.entry(ranking["id"])
    rows = [r for r in (entry or {}).get("rows", ()) if r["by"] == "residence" and not r["hidden"]]
    shown = [r for code in ("resident", "abroad") for r in rows if r["code"] == code]
    if len(shown) < 2:
        return None
    shares = [{c["code"]: c for c in r["choices"]} for r in shown]
    lines = [
        [m.labels.choice(ranking["id"], t["code"])]
        + [m.percent(s[t["code"]]["percent"]) if t["code"] in s else "–" for s in shares]
        for t in ranking["themes"]
        if t["code"] in themes
    ]
    heads = [m.say("theme")] + [
        f"{m.row('residence', r['code'])} (n = {m.number(r['base'])})" for r in shown
    ]
    foot = m.say("side_by_side_foot")
    return table(heads, lines, numbers=[1, 2], widths=[2, 1, 1], foot=foot)


def ways(m: Material) -> Section | None:
    """CP5: in which ways, with which regions and allies."""
    blocks = _questions(m, m.latest(Role.DIMENSIONS, Role.ALLIES))
    return section("ways", m.say("t_ways"), blocks) if blocks else None


def abroad(m: Material) -> Section | None:
    """What people abroad ask for and would give, and how they tell of the city."""
    block = m.summary["diaspora"]
    parts: list[list[Block | None]] = []
    for key in ("services", "offers"):
        if block[key]:
            rows = [
                charts.Bar(
                    label=m.labels.diaspora_choice(key, c["code"]),
                    share=float(c["percent"]) / 100,
                    value=m.percent(c["percent"]),
                    note=m.number(c["n"]),
                )
                for c in block[key]
            ]
            chart = charts.bars(m.say(key), rows, label_width=0.4)
            parts.append([head(m.say(key)), picture(chart, m.say("MULTI"))])
    blocks: list[Block | None] = [*pairs(parts)]
    if block["narrative"]:
        blocks.append(head(m.say("narrative")))
        blocks += [quote(q["text"], q["language"]) for q in block["narrative"]]
    programme = m.local(m.city.diaspora_programme)
    title = m.say("t_diaspora")
    if programme:
        title = m.say("titled", title=title, of=programme)
    return section("diaspora", title, blocks) if blocks else None
