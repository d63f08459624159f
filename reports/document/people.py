"""Who took part and who is missing: sectors, groups, countries, the actor map, the planes."""

from __future__ import annotations

from typing import Any

from flows.city import PLANES, MappedActor
from reports import charts
from reports.charts import Cell, HeatRow, Place
from reports.document.blocks import (
    Block,
    Section,
    cards,
    head,
    note,
    pairs,
    para,
    picture,
    planes,
    section,
)
from reports.document.material import Material
from reports.picture import action, missing_line

TONES = {"silent": "grey", "insufficient": "no", "low": "no", "partial": "mid"}
PRIORITY = "G"
NOT_TO_FORGET = "GN"


def people(m: Material) -> Section:
    """Coverage of the seven sectors, the priority groups, and where people abroad live."""
    blocks = [
        _waves(m),
        picture(_sectors(m), m.say("sectors_caption", minimum=m.city.thresholds.sector_minimum)),
        note(missing_line(m.summary, m.labels), "warn", m.say("missing")),
        note("" if m.is_public else action(m.summary, m.labels), "act"),
        para(_groups(m)),
        *_abroad(m),
        *_profile(m),
    ]
    return section("people", m.say("t_people"), blocks, new_page=True)


def _waves(m: Material) -> Block | None:
    """With several waves: how many in each, and how many in all of them."""
    who = m.summary["participation"]
    waves = who.get("waves", ())
    if len(waves) < 2:
        return None
    shown = [(m.number(w["valid"]), f"{m.say('wave')} {w['wave']}") for w in waves]
    return cards([*shown, (m.number(who["in_all_waves"]), m.say("in_all_waves"))])


def _sectors(m: Material) -> charts.Chart:
    rows = m.summary["participation"]["by_sector"]
    most = max((r["n"] or 0 for r in rows), default=0) or 1
    drawn = [
        charts.Bar(
            label=m.row("sector", r["code"]),
            share=(r["n"] or 0) / most,
            value=m.number(r["n"]),
            note=m.say(r["state"]) if r["state"] and not r["code"].startswith("_") else "",
            tone=TONES.get(r["state"] or "", "accent"),
        )
        for r in rows
    ]
    return charts.bars(m.say("t_people"), drawn, label_width=0.3)


def _groups(m: Material) -> str:
    """«x de 5» with a voice, and the names of those without; three more not to forget."""
    rows = m.summary["participation"]["priority_groups"]
    five = [r for r in rows if not r["code"].startswith(NOT_TO_FORGET)]
    three = [r for r in rows if r["code"].startswith(NOT_TO_FORGET)]
    voiced = sum(r["state"] != "silent" for r in five)
    silent = [m.labels.sector(r["code"]) for r in (*five, *three) if r["state"] == "silent"]
    said = m.say("groups", n=voiced, of=len(five))
    return f"{said} {m.say('groups_silent', who='; '.join(silent))}" if silent else said


def _abroad(m: Material) -> list[Block | None]:
    rows = m.summary["participation"]["countries"]
    if not rows:
        return []
    named = [r for r in rows if not r["code"].startswith("_")]
    places = [
        Place(code=r["code"], name=m.labels.country(r["code"]), n=r["n"], shown=m.number(r["n"]))
        for r in named
    ]
    home = (m.city.country, m.local(m.city.name))
    chart = charts.dots(m.say("t_abroad"), places, home)
    caption = m.say("map_caption_public" if m.is_public else "map_caption", k=m.k)
    cells = [f"{m.labels.row('country', r['code'])} {m.number(r['n'])}" for r in rows]
    shown = picture(chart, caption, 92) if places else None
    return [head(m.say("t_abroad")), shown, para(" · ".join(cells))]


def _profile(m: Material) -> list[Block | None]:
    """Sensitive profiles, in total only (RC6b)."""
    asked = [q for q in m.bound.definition.questions if q.segment and q.sensitive]
    found = [e for e in (m.entry(q.id) for q in asked) if e is not None]
    if not found:
        return []
    parts = [
        [
            para(m.labels.question(e["id"])),
            m.distribution(e),
            para(m.hidden_line(e), "soft"),
        ]
        for e in found
    ]
    return [head(m.say("t_profile")), para(m.say("profile_intro"), "soft"), *pairs(parts)]


def actors(m: Material) -> Section:
    """The inventory of audiences, 7 sectors by 28 types, and inside the four planes."""
    blocks: list[Block | None] = [
        para(m.say("actors_intro")),
        picture(_heat(m), m.say("actors_public" if m.is_public else "actors_internal")),
    ]
    if not m.is_public:
        blocks += _planes(m)
    return section("actors", m.say("t_actors"), blocks, new_page=True)


def _heat(m: Material) -> charts.Chart:
    who = m.summary["participation"]
    types = {r["code"]: r for r in who["by_actor_type"]}
    rows = []
    for sector in who["by_sector"]:
        if sector["code"].startswith("_"):
            continue
        own = [t for code, t in types.items() if code.partition(".")[0] == sector["code"]]
        value = m.say(sector["state"]) if sector["state"] else ""
        if sector["n"]:
            value = f"{m.number(sector['n'])} · {value}"
        rows.append(
            HeatRow(
                label=m.labels.sector(sector["code"]),
                value=value,
                cells=tuple(_cell(m, t) for t in own),
            )
        )
    states = (
        ("silent", "hidden") if m.is_public else ("silent", "insufficient", "partial", "covered")
    )
    legend = [(s, m.say("has_voice" if s == "hidden" else s)) for s in states]
    return charts.heat(m.say("t_actors"), rows, legend)


def _cell(m: Material, row: dict[str, Any]) -> Cell:
    label = m.labels.sector(row["code"])
    if row["hidden"]:
        return Cell(label=label, value=m.say("has_voice"), state="hidden", number=False)
    if row["state"] == "silent":
        return Cell(label=label, value=m.say("silent"), state="silent", number=False)
    return Cell(label=label, value=m.number(row["n"]), state=row["state"])


def _planes(m: Material) -> list[Block | None]:
    mapped = m.bound.instance.actor_map
    if not mapped:
        return [head(m.say("t_planes")), note(m.say("planes_none"), "act")]
    shown = [(m.say(code), _actors_on(m, mapped, code)) for code in PLANES]
    return [head(m.say("t_planes")), planes(shown), para(m.say("planes_caption"), "soft")]


def _actors_on(m: Material, mapped: tuple[MappedActor, ...], plane: str) -> list[tuple[str, str]]:
    return [(a.name, m.say(f"role_{a.role}")) for a in mapped if plane in a.planes]
