"""What the annex tells of the statistics, when the summary holds them: weights beside no weights,
model uncertainty, who answers otherwise, where people stop, and versions of a publication."""

from __future__ import annotations

from typing import Any

from reports.document.blocks import Block, head, para, table
from reports.document.material import Material, upper

Given = list[Block | None]


def weighting(m: Material) -> Given:
    """Per stratum and wave: margins, effective n, design effect, cap (ST2, ST3)."""
    blocks = m.summary.get("weighting") or []
    if not blocks:
        return [para(m.say("not_weighted"))]
    told: Given = [para(m.say("a_weighted_says"))]
    rows = [_weights(m, block) for block in blocks if block["refused"] is None]
    heads = [
        m.say(f"a_{name}") for name in ("stratum", "base", "effective", "effect", "range", "cap")
    ]
    told.append(table(heads, rows, numbers=[1, 2, 3, 4, 5], widths=[2, 1, 1.2, 1.2, 1.6, 1.4]))
    told += [para(_refusal(m, block)) for block in blocks if block["refused"] is not None]
    sources = {
        m.say("a_margins", variable=_variable(m, x), source=x["source"], date=x["date"])
        for block in blocks
        for x in block["margins"]
    }
    told += [para(line, "soft") for line in sorted(sources)]
    return [*told, *_both(m)]


def _weights(m: Material, block: dict[str, Any]) -> list[str]:
    span = block["weights"] or {"low": "–", "high": "–"}
    return [
        f"{m.row('residence', block['stratum'])} · {m.say('wave')} {block['wave']}",
        m.number(block["base"]),
        m.decimal(block["effective_n"]),
        m.decimal(block["design_effect"]),
        f"{m.decimal(span['low'])} – {m.decimal(span['high'])}",
        m.percent(block["capped"]),
    ]


def _variable(m: Material, margin: dict[str, Any]) -> str:
    return m.named(f"variable_{margin['variable']}", margin["variable"])


def _refusal(m: Material, block: dict[str, Any]) -> str:
    refused = block["refused"]
    stratum = m.row("residence", block["stratum"])
    return m.say(f"refused_{refused['reason']}", **{**refused["values"], "stratum": stratum})


def _both(m: Material) -> Given:
    """The weighted share beside the unweighted one, with its model uncertainty (ST4)."""
    rows = [
        [
            f"{name} · {m.row('residence', stratum['stratum'])}",
            _figure(m, name, figure["code"]),
            m.percent(figure["percent"]),
            m.percent(figure["weighted"]),
            _span(m, figure),
            m.decimal(stratum["effective_n"]),
        ]
        for kept in (*m.summary["questions"], *m.summary["rankings"])
        for name in (kept["id"],)
        for stratum in kept.get("strata") or ()
        for figure in stratum["figures"]
        if figure["weighted"] is not None
    ]
    heads = ["", "", *(m.say(f"a_{n}") for n in ("plain", "weighted", "uncertainty", "effective"))]
    shown = table(heads, rows, numbers=[2, 3, 4, 5], widths=[1.6, 2, 1, 1, 1.6, 1.1])
    return (
        [head(m.say("a_both")), shown, para(m.say("a_uncertainty_says"), "soft")] if shown else []
    )


def _figure(m: Material, name: str, code: str) -> str:
    return upper(m.say(code)) if code in ("favour", "against") else m.labels.choice(name, code)


def _span(m: Material, figure: dict[str, Any]) -> str:
    if figure["low"] is None or figure["high"] is None:
        return "–"
    return f"{m.percent(figure['low'])} – {m.percent(figure['high'])}"


def otherwise(m: Material) -> Given:
    """Languages, channels and links whose people answer otherwise than the rest; inside only."""
    found = m.summary.get("differences") or []
    if not found:
        return []
    rows = [
        [
            f"{d['question']} · {m.say(d['measure'])}",
            m.row(d["by"], d["code"]),
            m.number(d["base"]),
            m.percent(d["percent"]),
            m.percent(d["rest"]),
            m.say("a_yes" if d["appreciable"] else "a_no"),
        ]
        for d in found
    ]
    heads = ["", *(m.say(f"a_{n}") for n in ("row", "base", "here", "rest", "appreciable"))]
    shown = table(heads, rows, numbers=[2, 3, 4], widths=[1.6, 1.6, 0.8, 1, 1, 1.2])
    return [head(m.say("a_otherwise")), shown]


def stops(m: Material) -> Given:
    """Where people stop; inside only."""
    found = m.summary.get("drop_off") or []
    rows = [
        [
            d["question"],
            m.labels.question(d["question"]),
            m.number(d["reached"]),
            m.number(d["left"]),
        ]
        for d in found
    ]
    heads = ["", m.say("question"), m.say("a_reached"), m.say("a_left")]
    shown = table(heads, rows, numbers=[2, 3], widths=[0.5, 4, 1, 1])
    return [head(m.say("a_stops")), shown] if shown else []


def versions(m: Material) -> Given:
    """What a publication corrects (errata)."""
    made = m.summary.get("publication")
    if not made:
        return []
    lines = [m.say("a_publication", n=made["number"])]
    if made["corrects"] is not None:
        lines.append(m.say("a_corrects", n=made["corrects"], note=made["note"] or ""))
    if made["mark"]:
        lines.append(m.say(f"a_mark_{made['mark']}"))
    return [head(m.say("a_versions")), *(para(line) for line in lines)]
