"""The weekly page as PDF: one A4, five blocks, at most 220 words, by Typst from data.

How data becomes bytes is in `reports/typesetting.py`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flows.binding import BoundConsultation
from reports import picture
from reports.labels import Labels, Summary
from reports.typesetting import ACCESSIBLE, typeset, undated

THEMES = 5
QUOTE_WORDS = 12
QUOTE_CHARS = 90
LABEL_CHARS = 34
TITLE_CHARS = 60
LINE_CHARS = 150
ALERT_WORDS = 8


def render_pdf(summary: Summary, bound: BoundConsultation) -> bytes:
    """One page of PDF."""
    labels = Labels(bound, summary["locale"])
    data = _data(summary, labels)
    return undated(typeset("weekly.typ", data, format="pdf", pdf_standards=[ACCESSIBLE]))


def render_chart(summary: Summary, bound: BoundConsultation) -> bytes:
    """The week as one PNG for a chat: readable on a phone, some 900 pixels wide."""
    labels = Labels(bound, summary["locale"])
    return typeset("chart.typ", _data(summary, labels), format="png", ppi=144)


@cache
def _spaces() -> re.Pattern[str]:
    return re.compile(r"\s+")


def short(text: str, chars: int, words: int = 40) -> str:
    """At most so many characters and words, on one line, with an ellipsis if cut."""
    plain = _spaces().sub(" ", "".join(c if c.isprintable() else " " for c in text)).strip()
    cut = " ".join(plain.split(" ")[:words])[:chars]
    return cut if cut == plain else cut[: chars - 1].rstrip(" ,.;:") + "…"


def _data(summary: Summary, labels: Labels) -> dict[str, Any]:
    return {
        "lang": labels.language,
        "made_up": labels.word("made_up") if labels.is_made_up else "",
        "title": short(labels.title(summary), TITLE_CHARS),
        "subtitle": _subtitle(summary, labels),
        "who": {"head": labels.word("who"), "cards": _cards(summary, labels)},
        "want": {
            "head": labels.word("want"),
            "bars": _bars(summary, labels),
            "note": _tier_note(summary, labels),
        },
        "dissent": {
            "head": labels.word("dissent"),
            "asked": _asked(summary, labels),
            **_sides(summary, labels),
            "change": short(picture.week_line(summary, labels), LINE_CHARS, 18),
        },
        "alerts": _alerts(picture.alert_lines(summary, labels)),
        "missing": {
            "head": labels.word("missing"),
            "lines": [short(picture.missing_line(summary, labels), LINE_CHARS, 20)],
            "action": short(picture.action(summary, labels), LINE_CHARS, 18),
        },
        "owed": {"head": labels.word("owed"), "lines": _owed(summary, labels)},
        "notice": labels.word("NOT_REPRESENTATIVE"),
        "footer": f"{summary['as_of'][:10]} · {summary['fingerprint'][7:19]}",
    }


def _subtitle(summary: Summary, labels: Labels) -> str:
    running = f" · {labels.word('running')}" if "WEEK_RUNNING" in summary["notices"] else ""
    return f"{labels.word('weekly')} · {labels.week(summary['week'])}{running}"


def _cards(summary: Summary, labels: Labels) -> list[dict[str, str]]:
    who = summary["participation"]
    new = labels.word("new", n=labels.number(who["new_this_week"]))
    return [
        {"value": labels.number(who["valid"]), "label": f"{labels.word('valid')} · {new}"},
        *(
            {"value": labels.number(who[stratum]), "label": _stratum(summary, labels, stratum)}
            for stratum in ("resident", "abroad")
        ),
    ]


def _alerts(lines: list[str]) -> str:
    """As many whole alerts as fit; the page has them all."""
    kept: list[str] = []
    for line in lines:
        if len(" · ".join([*kept, line]).split()) <= ALERT_WORDS:
            kept.append(line)
    return short(" · ".join(kept), LINE_CHARS)


def _stratum(summary: Summary, labels: Labels, stratum: str) -> str:
    """Who they are, and how many answers their weights are worth."""
    name = labels.word("residents" if stratum == "resident" else stratum)
    n = picture.effective(summary, stratum)
    return name if n is None else f"{name} · {labels.word('effective', n=labels.decimal(n))}"


def _tier_note(summary: Summary, labels: Labels) -> str:
    ranking = picture.main_ranking(summary)
    return picture.tier_line(ranking, labels) if ranking else ""


def _bars(summary: Summary, labels: Labels) -> list[dict[str, Any]]:
    ranking = picture.main_ranking(summary)
    if ranking is None:
        return []
    most = ranking["themes"][0]["points"]
    return [
        {
            "label": short(labels.choice(ranking["id"], theme["code"]), LABEL_CHARS),
            "share": theme["points"] / most,
            "value": _points(labels, theme["points"], is_first=place == 0),
            "tier": theme.get("tier"),
        }
        for place, theme in enumerate(ranking["themes"][:THEMES])
    ]


def _points(labels: Labels, points: int, *, is_first: bool) -> str:
    """The unit is said once, at the top."""
    number = labels.number(points)
    return f"{number} {labels.word('points')}" if is_first else number


def _asked(summary: Summary, labels: Labels) -> str:
    """What people are for or against, and how many said it."""
    support = picture.main_support(summary)
    if support is None:
        return ""
    question = short(labels.question(support["id"]), LINE_CHARS, 24)
    return f"{question} {labels.word('base').capitalize()} {labels.number(support['base'])}."


def _sides(summary: Summary, labels: Labels) -> dict[str, Any]:
    support = picture.main_support(summary)
    if support is None:
        return {"against": None, "favour": None}
    return {
        side: {
            "value": labels.percent(picture.measure(support, side)["percent"]),
            "label": labels.word(side),
            "voice": short(picture.voice(summary, side) or "", QUOTE_CHARS, QUOTE_WORDS),
        }
        for side in ("against", "favour")
    }


def _owed(summary: Summary, labels: Labels) -> list[str]:
    replies = summary["replies"]
    counts = labels.word(
        "reply_counts",
        answered=replies["answered"],
        in_study=replies["in_study"],
        open=replies["open"],
    )
    names = [labels.theme(code) for code in picture.owed(summary)]
    waiting = short(", ".join(names), LINE_CHARS, 14) if names else labels.word("owed_none")
    return [counts, waiting]
