"""The summary as chat text (at most 1,000 characters), and a table as plain text."""

from __future__ import annotations

from typing import Any

from flows.binding import BoundConsultation
from reports import picture
from reports.labels import Labels, Summary
from reports.picture import main_ranking, main_support, measure, missing_line, owed, voice

MOST = 1_000


def render_text(summary: Summary, bound: BoundConsultation) -> str:
    """The week in a chat message; the notice is never what gets cut."""
    labels = Labels(bound, summary["locale"])
    notice = labels.word("NOT_REPRESENTATIVE")
    lines = [line for line in _lines(summary, labels) if line]
    text = "\n".join(lines)
    room = MOST - len(notice) - 2
    if len(text) > room:
        text = text[: room - 1].rsplit("\n", 1)[0] + "…"
    return f"{text}\n\n{notice}"


def _lines(summary: Summary, labels: Labels) -> list[str]:
    who = summary["participation"]
    lines = [labels.word("made_up")] if labels.is_made_up else []
    running = f" ({labels.word('running')})" if "WEEK_RUNNING" in summary["notices"] else ""
    lines.append(f"{labels.title(summary)} · {labels.week(summary['week'])}{running}")
    lines.append(
        f"{labels.number(who['valid'])} {labels.word('valid')}, "
        f"{labels.word('new', n=labels.number(who['new_this_week']))} · "
        f"{labels.number(who['resident'])} {labels.word('residents')}, "
        f"{labels.number(who['abroad'])} {labels.word('abroad')}"
    )
    ranking = main_ranking(summary)
    if ranking:
        top = [
            f"{t['rank']} {labels.choice(ranking['id'], t['code'])} ({t['points']})"
            for t in ranking["themes"][:3]
        ]
        lines.append(f"{labels.word('want')}: {' · '.join(top)}")
        lines.append(picture.tier_line(ranking, labels))
    support = main_support(summary)
    if support:
        sides = [
            f"{labels.percent(measure(support, s)['percent'])} {labels.word(s)}"
            for s in ("against", "favour")
        ]
        lines.append(" · ".join(sides))
        against = voice(summary, "against")
        lines.append(f"{labels.word('reason_against')}: «{against}»" if against else "")
        lines.append(picture.week_line(summary, labels))
    lines.append(missing_line(summary, labels))
    alerts = picture.alert_lines(summary, labels)
    lines.append(f"{labels.word('alerts')}: {' · '.join(alerts)}" if alerts else "")
    names = [labels.theme(code) for code in owed(summary)]
    waiting = ", ".join(names) + "." if names else labels.word("owed_none")
    lines.append(f"{labels.word('owed')}: {waiting}")
    return lines


def render_table(table: dict[str, Any], bound: BoundConsultation, locale: str) -> str:
    """A segment table as lines; hidden rows say so, and one line says why."""
    labels = Labels(bound, locale)
    lines = [labels.question(table["question"]), ""]
    has_hidden = False
    for entry in table["tables"]:
        version = f"v{entry['version']} · " if len(table["tables"]) > 1 else ""
        base = labels.number(entry["base"])
        lines.append(f"{version}{entry['wave']} · {labels.word('base')} {base}")
        lines.append("  " + _cells(table["question"], entry["choices"], labels))
        for row in entry["rows"]:
            name = labels.row(table["by"], row["code"])
            if row["hidden"]:
                has_hidden = True
                lines.append(f"{name}: {labels.word('hidden')}")
            else:
                lines.append(f"{name} ({row['base']})")
                lines.append("  " + _cells(table["question"], row["choices"], labels))
        lines.append("")
    if has_hidden:
        lines.append(f"{labels.word('why_hidden')} {labels.word('why_text')}")
    lines.append(labels.word("NOT_REPRESENTATIVE"))
    return "\n".join(lines)


def _cells(question: str, cells: list[dict[str, Any]], labels: Labels) -> str:
    return " · ".join(
        f"{labels.choice(question, c['code'])} {c['n']} ({labels.percent(c['percent'])})"
        for c in cells
        if not c["hidden"]
    )
