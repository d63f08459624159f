"""The quality card (row 61) and the annex of methods."""

from __future__ import annotations

from collections import Counter
from typing import Any

from reports.document import annex
from reports.document.blocks import (
    Block,
    Section,
    facts,
    head,
    listed,
    pairs,
    para,
    section,
    table,
)
from reports.document.material import Entry, Material, upper
from reports.percent import percent

ATTRIBUTES = (
    "plural",
    "incidence",
    "long_term",
    "work",
    "differentiated",
    "inclusive",
    "sustainable",
    "efficient",
)


def quality(m: Material) -> Section:
    """Eight attributes of a space of quality (Idea 12 and Paso 11), each with its measure."""
    measured = {
        "plural": _plural(m),
        "incidence": _incidence(m),
        "long_term": _long_term(m),
        "work": m.say("q_work_value", date=m.labels.day(m.bound.definition.launch.results_on)),
        "differentiated": m.say("q_differentiated_value", n=len(m.bound.definition.languages)),
        "inclusive": _inclusive(m),
        "sustainable": _sustainable(m),
        "efficient": _efficient(m),
    }
    rows = [[m.say(f"q_{name}"), m.say(f"q_{name}_asks"), measured[name]] for name in ATTRIBUTES]
    heads = [m.say("attribute"), m.say("asks"), m.say("measure")]
    blocks = [para(m.say("quality_intro"), "soft"), table(heads, rows, widths=[1.2, 2.2, 3])]
    return section("quality", m.say("t_quality"), blocks, new_page=True)


def _voiced(m: Material, rows: list[Entry]) -> int:
    return sum(r["state"] != "silent" for r in rows)


def _plural(m: Material) -> str:
    who = m.summary["participation"]
    sectors = [r for r in who["by_sector"] if not r["code"].startswith("_")]
    five = [r for r in who["priority_groups"] if not r["code"].startswith("GN")]
    return m.say(
        "q_plural_value", sectors=_voiced(m, sectors), of=len(sectors), groups=_voiced(m, five)
    )


def _incidence(m: Material) -> str:
    block = m.summary["replies"]
    due = block["answered"] + block["in_study"] + block["open"]
    share = percent(block["answered"], due)
    return m.say(
        "q_incidence_value",
        n=m.number(block["answered"]),
        of=m.number(due),
        percent=m.percent(share),
    )


def _long_term(m: Material) -> str:
    who = m.summary["participation"]
    if len(who.get("waves", ())) < 2:
        return m.say("q_long_term_one")
    return m.say("q_long_term_value", n=len(who["waves"]), again=m.number(who["in_all_waves"]))


def _inclusive(m: Material) -> str:
    rows = m.summary["participation"]["by_sector"]
    silent = [m.labels.sector(r["code"]) for r in rows if r["state"] == "silent"]
    return m.say("q_inclusive_value", who="; ".join(silent)) if silent else m.say("act_none")


def _sustainable(m: Material) -> str:
    cut = m.summary["as_of"][:10]
    ahead = [w for w in m.bound.definition.waves if w.opens.isoformat() > cut]
    if not ahead:
        return m.say("q_sustainable_none")
    return m.say("q_sustainable_value", date=m.labels.day(ahead[0].opens))


def _efficient(m: Material) -> str:
    minutes = (m.summary.get("entry") or {}).get("median_minutes")
    if minutes is None:
        return m.say("q_efficient_none")
    return m.say("q_efficient_value", n=minutes, promised=m.bound.definition.minutes)


def method(m: Material) -> Section:
    """How to read it, what was hidden, what was not weighted, and the mark of the data."""
    blocks: list[Block | None] = [
        listed(m.say(code) for code in m.summary["notices"]),
        para(m.say("way_in")),
        head(m.say("t_protection")),
        para(m.say("protection", k=m.k)),
        _suppressed(m),
        head(m.say("t_weights")),
        *annex.weighting(m),
        *annex.otherwise(m),
        *annex.stops(m),
        *annex.versions(m),
        head(m.say("t_rounding")),
        para(m.say("rounding")),
        head(m.say("t_trace")),
        facts(_trace(m)),
    ]
    return section("method", m.say("t_method"), blocks, new_page=True)


def _suppressed(m: Material) -> Block | None:
    """How many rows of which table are hidden; the log of what this report withholds."""
    if "suppression" in m.summary:
        return _log(m, m.summary["suppression"])
    found: Counter[tuple[str, str]] = Counter()
    for entry in m.summary["questions"]:
        for row in entry["rows"]:
            if row["hidden"]:
                found[entry["id"], row["by"]] += 1
        if any(c["hidden"] for c in entry["choices"]):
            found[entry["id"], "total"] += sum(c["hidden"] for c in entry["choices"])
    tables = sorted({by for _, by in found})
    names = sorted({name for name, _ in found})
    rows = [[name, *(m.number(found[name, by]) for by in tables)] for name in names]
    heads = [m.say("hidden_rows"), *(upper(m.say(f"by_{by}")) for by in tables)]
    numbers = list(range(1, len(heads)))
    return table(heads, rows, numbers=numbers) or para(m.say("nothing_hidden"))


def _log(m: Material, log: list[dict[str, Any]]) -> Block | None:
    """The suppression log as the guard wrote it."""
    rows = {
        (_question(e["table"]), m.named(f"by_{e['by']}", e["by"]), _all_or(m, e))
        for e in log
        if e["hidden"] or e["only_total"]
    }
    heads = [m.say("table"), "", m.say("hidden_rows")]
    shown = table(heads, sorted(rows), numbers=[2], widths=[3, 2, 1])
    return shown or para(m.say("nothing_hidden"))


def _question(name: str) -> str:
    """The question of a table's name, «A10.1.1.sector»."""
    return name.partition(".")[0]


def _all_or(m: Material, entry: dict[str, Any]) -> str:
    return m.say("only_total") if entry["only_total"] else m.number(entry["hidden"])


def _trace(m: Material) -> list[tuple[str, str]]:
    made = m.summary["produced_by"]
    seed = "–" if made["seed"] is None else str(made["seed"])
    return [
        (m.say("f_as_of"), m.summary["as_of"]),
        (m.say("f_fingerprint"), _in_groups(m.summary["fingerprint"])),
        (m.say("f_program"), f"Tertulia {made['version']}"),
        (m.say("f_seed"), seed),
        (m.say("f_frozen"), (m.summary["frozen_since"] or "")[:10]),
    ]


def _in_groups(fingerprint: str) -> str:
    """A hash that a line can hold and an eye can compare: sixteen digits at a time."""
    kind, _, digits = fingerprint.partition(":")
    return " ".join([f"{kind}:", *(digits[at : at + 16] for at in range(0, len(digits), 16))])


def tables(m: Material) -> Section | None:
    """Every closed question, unweighted: counts and shares."""
    parts: list[list[Block | None]] = []
    for entry in m.summary["questions"]:
        if not entry["base"] or not entry["choices"]:
            continue
        rows = [
            [m.labels.choice(entry["id"], c["code"]), m.number(c["n"]), m.percent(c["percent"])]
            for c in entry["choices"]
        ]
        wave = "" if m.summary["wave"] is not None else f" · {m.say('wave')} {entry['wave']}"
        foot = f"{m.sure(entry)} {m.hidden_line(entry)}".strip()
        title = head(f"{entry['id']}{wave} · {m.labels.question(entry['id'])}")
        shown = table(["", "n", "%"], rows, numbers=[1, 2], widths=[3.4, 0.9, 1], foot=foot)
        parts.append([title, shown])
    if not parts:
        return None
    return section("tables", m.say("t_tables"), pairs(parts), new_page=True)
