"""The first page: the product of its kind of space, and what a mayor must know."""

from __future__ import annotations

from typing import Any

from reports.document.blocks import (
    Block,
    Section,
    cards,
    columns,
    head,
    listed,
    note,
    para,
    picture,
    quote,
    section,
)
from reports.document.material import Entry, Material
from reports.document.sides import opinion_chart, rows_of
from reports.document.views import theme_bars
from reports.picture import main_ranking, main_support, missing_line, missing_sectors, owed

MOST_THEMES = 5
MOST_NAMES = 3
KINDS = {"registro": "consulta", "lista_chequeo": "consulta"}
"""Kinds outside table 3.4 that collect views: their product is a consulta's (row 4)."""


def product(m: Material) -> str:
    """What the kind of space is for (handbook, table 3.4), in the reader's language."""
    kind = m.summary["consultation"]["kind"]
    return m.say(f"product_{KINDS.get(kind, kind)}")


def opening(m: Material) -> Section:
    """The brief: who took part, what they want, who disagrees, who is missing, what is asked."""
    blocks = [
        _cards(m),
        head(m.say("want")),
        _wanted(m),
        head(m.say("dissent")),
        *_dissent(m),
        columns(
            [note(missing_line(m.summary, m.labels), "warn", m.say("missing"))],
            [head(m.say("decisions_asked")), listed(_asked(m))],
        ),
        para(m.say("NOT_REPRESENTATIVE"), "soft"),
    ]
    return section("brief", "", blocks)


def _cards(m: Material) -> Block:
    who = m.summary["participation"]
    new = m.labels.word("new", n=m.number(who["new_this_week"]))
    shown = [
        (m.number(who["valid"]), f"{m.say('valid')} · {new}"),
        (m.number(who["resident"]), m.say("residents")),
        (m.number(who["abroad"]), m.say("abroad")),
    ]
    done = m.summary["states"]["completion_percent"]
    if done is not None:
        shown.append((m.percent(done), m.say("completed")))
    return cards(shown)


def _wanted(m: Material) -> Block | None:
    ranking = main_ranking(m.summary)
    if ranking is None:
        return para(m.say("no_answers"))
    chart = theme_bars(m, ranking, ranking["themes"][:MOST_THEMES])
    return picture(chart, m.say("points_caption", n=m.number(ranking["base"])))


def _dissent(m: Material) -> list[Block | None]:
    support = main_support(m.summary)
    if support is None:
        return [para(m.say("no_answers"))]
    return [
        para(m.labels.question(support["id"]), "soft"),
        picture(opinion_chart(m, support, _strata(support))),
        columns(*(_voices(m, side) for side in ("against", "favour"))),
    ]


def _strata(support: Entry) -> list[dict[str, Any]]:
    """Those who live here and those who live abroad, beside each other (ST2)."""
    return [r for r in rows_of(support, ("residence",)) if r["code"] in ("resident", "abroad")]


def _voices(m: Material, side: str) -> list[Block]:
    found = [q for q in m.summary["quotes"] if q["side"] == side]
    return [quote(q["text"], q["language"], side, m.say(side)) for q in found[:2]]


def _asked(m: Material) -> list[str]:
    """At most three decisions: replies owed, sectors to invite, the date that was promised."""
    waiting = [m.labels.theme(code) for code in owed(m.summary)]
    silent, few = missing_sectors(m.summary)
    who = "; ".join(m.labels.sector(code) for code in (silent or few))
    day = m.labels.day(m.bound.definition.launch.reply_on)
    return [
        m.say("ask_reply", n=len(waiting), themes=_few(waiting)).replace("….", "…")
        if waiting
        else "",
        m.say("ask_invite", who=who) if who else "",
        m.say("ask_date", date=day),
    ]


def _few(names: list[str]) -> str:
    """At most three names; an ellipsis says that there are more."""
    return ", ".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else "")
