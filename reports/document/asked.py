"""What was asked and for which decision, what it does not decide, and the technical sheet."""

from __future__ import annotations

from typing import Any

from reports.document.blocks import (
    Block,
    Section,
    columns,
    facts,
    head,
    listed,
    para,
    section,
    table,
)
from reports.document.material import Material, upper

STATES = ("declined", "under_age", "empty", "partial", "complete", "withdrawn")


def asked(m: Material) -> Section:
    """The promise made at launch, and its limits."""
    launch = m.bound.definition.launch
    pairs = [
        (m.say("f_decision"), upper(m.local(launch.decision))),
        (m.say("f_responsible"), upper(m.local(launch.responsible))),
        (m.say("f_results"), m.labels.day(launch.results_on)),
        (m.say("f_reply"), m.labels.day(launch.reply_on)),
        (m.say("f_funded"), m.local(launch.funded_by)),
        (m.say("f_plan"), m.local(m.bound.instance.plan.name)),
    ]
    limits = [m.say(f"not_decides_{n}") for n in (1, 2, 3, 4)]
    if "INFORMATIVE" in m.summary["notices"]:
        limits.append(m.say("INFORMATIVE"))
    blocks = [
        facts(pairs),
        head(m.say("t_not_decides")),
        listed(limits),
        head(m.say("t_how")),
        listed(m.say(f"how_{n}", k=m.k) for n in (1, 2, 3, 4)),
    ]
    return section("asked", m.say("t_asked"), blocks, new_page=True)


def sheet(m: Material) -> Section:
    """Ficha técnica: dates, languages, channels, states that add up, how people got in."""
    definition = m.bound.definition
    waves = "; ".join(
        m.say(
            "wave_dates", wave=w.number, opens=m.labels.day(w.opens), closes=m.labels.day(w.closes)
        )
        for w in definition.waves
    )
    ages = m.city.minimum_age
    pairs = [
        (m.say("f_consultation"), f"{definition.id} · {m.say('version', n=definition.version)}"),
        (m.say("f_waves"), waves),
        (m.say("f_cut"), m.labels.week(m.summary["week"])),
        (
            m.say("f_languages"),
            ", ".join(m.labels.row("language", c) for c in definition.languages),
        ),
        (m.say("f_age"), m.say("age", n=ages["default"])),
        (m.say("f_channels"), _channels(m) if m.is_public else ""),
        (m.say("f_way_in"), m.say("way_in")),
    ]
    blocks: list[Block | None] = [
        facts(pairs),
        columns(
            [head(m.say("t_states")), _states(m)],
            [head(m.say("t_entry")), *_entries(m)],
        ),
    ]
    return section("sheet", m.say("t_sheet"), blocks, new_page=True)


def _channels(m: Material) -> str:
    """The channels people came by, by name."""
    rows = (m.summary.get("entry") or {}).get("by_channel", [])
    return ", ".join(_row_name(m, "channel", r["code"]) for r in rows)


def _states(m: Material) -> Block | None:
    states = m.summary["states"]
    rows = [[m.say(f"state_{name}"), m.number(states[name])] for name in STATES]
    rows.append([m.say("state_started"), m.number(states["started"])])
    foot = m.say(
        "states_foot",
        valid=m.number(states["valid"]),
        completion=m.percent(states["completion_percent"]),
    )
    heads = [m.say("state"), m.say("responses")]
    return table(heads, rows, numbers=[1], widths=[3, 1], foot=foot, total=True)


def _entries(m: Material) -> list[Block | None]:
    """By channel, by language and, inside, by the code of the link."""
    entry = m.summary.get("entry") or {"by_channel": [], "by_language": []}
    parts = [
        ("channel", entry["by_channel"]),
        ("language", entry["by_language"]),
        ("source", m.summary["participation"].get("by_source") or []),
    ]
    told = [_entry(m, name, rows) for name, rows in parts if rows and not rows[0].get("hidden")]
    return told or [para(m.say("entry_public"), "soft")]


def _entry(m: Material, name: str, rows: list[dict[str, Any]]) -> Block | None:
    shown = [[_row_name(m, name, r["code"]), m.number(r["n"])] for r in rows]
    return table([m.say(f"by_{name}_head"), "n"], shown, numbers=[1], widths=[3, 1])


def _row_name(m: Material, name: str, code: str) -> str:
    if name == "channel" and not code.startswith("_"):
        return m.named(f"channel_{code}", code)
    if name == "source" and code == "_unknown":
        return m.say("no_source")
    return m.labels.row(name, code)


def wording(m: Material) -> Section:
    """Every question as it was shown, with its bases."""
    rows = []
    for question in m.bound.definition.questions:
        entry = m.entry(question.id)
        base = "–" if entry is None else m.number(entry["base"])
        if question.type in ("consent", "info"):
            continue
        rows.append([question.id, m.local(question.text), m.say(f"type_{question.type}"), base])
    heads = ["", m.say("question"), m.say("type"), m.say("base")]
    blocks = [
        para(m.say("wording_intro"), "soft"),
        table(heads, rows, numbers=[3], widths=[0.5, 5, 1.3, 0.7]),
    ]
    return section("wording", m.say("t_wording"), blocks, new_page=True)
