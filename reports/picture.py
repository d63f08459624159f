"""What the page, the PDF and the chat text have in common: the few figures that lead."""

from __future__ import annotations

from typing import Any

from reports.labels import Labels, Summary

MOST_THEMES = 5


def main_ranking(summary: Summary) -> dict[str, Any] | None:
    """The ranking of themes of the latest wave."""
    themes = [r for r in summary["rankings"] if r["themes"] and r["id"] == _themes_id(summary)]
    return max(themes, key=lambda r: (r["wave"], r["version"])) if themes else None


def _themes_id(summary: Summary) -> str | None:
    return summary["rankings"][0]["id"] if summary["rankings"] else None


def main_support(summary: Summary) -> dict[str, Any] | None:
    """The support question of the latest wave: the one with measures."""
    found = [q for q in summary["questions"] if q["measures"] and q["base"]]
    return max(found, key=lambda q: (q["wave"], q["version"])) if found else None


def measure(question: dict[str, Any], code: str) -> dict[str, Any]:
    """In favour or against."""
    found: dict[str, Any] = next(m for m in question["measures"] if m["code"] == code)
    return found


def missing_sectors(summary: Summary) -> tuple[list[str], list[str]]:
    """Sectors without a voice, and with too few voices."""
    rows = [r for r in summary["participation"]["by_sector"] if not r["code"].startswith("_")]
    silent = [r["code"] for r in rows if r["state"] == "silent"]
    few = [r["code"] for r in rows if r["state"] in ("insufficient", "low")]
    return silent, few


def missing_line(summary: Summary, labels: Labels) -> str:
    """Who is missing, in one line."""
    silent, few = missing_sectors(summary)
    parts = []
    if silent:
        names = "; ".join(labels.sector(code) for code in silent)
        parts.append(f"{_first_up(labels.word('silent'))}: {names}.")
    if few:
        word = "low" if summary["view"] == "public" else "insufficient"
        names = "; ".join(labels.sector(code) for code in few)
        parts.append(f"{_first_up(labels.word(word))}: {names}.")
    return " ".join(parts) or labels.word("act_none")


def action(summary: Summary, labels: Labels) -> str:
    """The one thing to do this week."""
    silent, few = missing_sectors(summary)
    missing = silent or few
    return labels.word("act_link", who=labels.sector(missing[0])) if missing else ""


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def voice(summary: Summary, side: str) -> str | None:
    """One reason of a side."""
    return next((q["text"] for q in summary["quotes"] if q["side"] == side), None)


def owed(summary: Summary) -> list[str]:
    """The themes that wait for a reply."""
    return [t["code"] for t in summary["replies"]["themes"] if t["state"] == "open"]


def tier_line(ranking: dict[str, Any], labels: Labels) -> str:
    """Whether the order of the themes is sure; nothing where too few answered to say."""
    found = {theme.get("tier") for theme in ranking["themes"]} - {None}
    if not found:
        return ""
    return labels.word("tiers" if len(found) > 1 else "one_tier")


def week_line(summary: Summary, labels: Labels) -> str:
    """The changes of the week that may be named (ST6), or that there is none."""
    named = [c for c in summary["week_changes"] if c["appreciable"] and c["to"] is not None]
    if not named:
        return labels.word("no_change_week") if summary["week_changes"] else ""
    said = [
        labels.word(
            "week_change",
            measure=labels.word(c["measure"]),
            to=labels.percent(c["to"]),
            **{"from": labels.percent(c["from"])},
        )
        for c in named
    ]
    return "; ".join(said) + "."


def alert_lines(summary: Summary, labels: Labels) -> list[str]:
    """What asks for attention; inside only."""
    return [
        labels.word(f"alert_{a['kind']}", what=a["what"], n=labels.number(a["n"]))
        for a in summary["alerts"]
    ]


def effective(summary: Summary, stratum: str) -> str | None:
    """The effective n of a stratum's latest weights, or None where nothing is weighted."""
    found = [b for b in summary["weighting"] if b["stratum"] == stratum and not b["refused"]]
    return max(found, key=lambda b: b["wave"])["effective_n"] if found else None


def weighting_lines(summary: Summary, labels: Labels) -> list[str]:
    """Per stratum and wave: what weighting costs or why there is none, and whose margins."""
    lines = []
    for block in summary["weighting"]:
        stratum = labels.word(f"stratum_{block['stratum']}")
        refused = block["refused"]
        if refused:
            lines.append(labels.refused(refused, stratum))
            continue
        line = labels.word(
            "weights_line",
            stratum=_first_up(stratum),
            wave=block["wave"],
            effective=labels.decimal(block["effective_n"]),
            effect=labels.decimal(block["design_effect"]),
            cap=labels.decimal(block["cap"]),
            capped=labels.percent(block["capped"]),
        )
        ends = block["weights"]
        if ends:
            low, high = (labels.decimal(ends[name]) for name in ("low", "high"))
            line += " · " + labels.word("weights_range", low=low, high=high)
        sources = [
            labels.word(
                "margin_source",
                variable=labels.word(f"variable_{m['variable']}"),
                source=m["source"],
                date=m["date"],
            )
            for m in block["margins"]
        ]
        lines.append(f"{line}. {'; '.join(sources)}.")
    return lines
