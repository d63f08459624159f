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
