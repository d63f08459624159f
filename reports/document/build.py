"""The report put together: its sections in the order a mayor reads them."""

from __future__ import annotations

from typing import Any

from flows.binding import BoundConsultation
from reports.document.answered import axes, doing, replies
from reports.document.asked import asked, sheet, wording
from reports.document.closing import method, quality, tables
from reports.document.material import Material
from reports.document.opening import opening, product
from reports.document.people import actors, people
from reports.document.sides import sides
from reports.document.views import abroad, expectations, perceptions, priorities, ways
from reports.labels import Labels, Summary

Document = dict[str, Any]


def build(
    summary: Summary, bound: BoundConsultation, *, registry: BoundConsultation | None = None
) -> Document:
    """The report of a summary: title page, then sections of blocks.

    `registry`: the consultation whose services and offers stand in the block from abroad.
    """
    labels = Labels(bound, summary["locale"], registry)
    m = Material(summary, labels, bound)
    sections = [
        opening(m),
        asked(m),
        sheet(m),
        people(m),
        actors(m),
        perceptions(m),
        expectations(m),
        priorities(m),
        ways(m),
        abroad(m),
        sides(m),
        doing(m),
        replies(m),
        *axes(m),
        quality(m),
        method(m),
        tables(m),
        wording(m),
    ]
    running = f" · {m.say('running')}" if "WEEK_RUNNING" in summary["notices"] else ""
    return {
        "lang": labels.language,
        "obtain": m.say("obtain"),
        "product": product(m),
        "title": labels.title(summary),
        "government": m.local(bound.instance.city.government),
        "period": labels.week(summary["week"]) + running,
        "view": m.say("view_public" if m.is_public else "view_internal", k=m.k),
        "made_up": labels.word("made_up") if labels.is_made_up else "",
        "contents": m.say("contents"),
        "footer": m.say("footer", cut=summary["as_of"][:10], mark=summary["fingerprint"][7:19]),
        "sections": [s for s in sections if s is not None],
    }
