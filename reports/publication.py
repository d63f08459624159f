"""Publications (RC6d): the public tables stay until k new answers have come to every row.

Two consecutive publications must not be subtractable. The total is always live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flows.binding import BoundConsultation
from flows.consultation import Role
from flows.readings import Readings
from reports.disclosure import UNKNOWN, protect_rows
from reports.questions import reported
from reports.rows import fold, is_valid
from reports.summary import Summary

LIVE_STATES = ("started", "valid")
Bases = dict[str, dict[str, int]]


def row_bases(readings: Readings, bound: BoundConsultation) -> Bases:
    """The valid responses behind every row of every public table; they stay in the records."""
    bases: Bases = {}
    sectors: Counter[str] = Counter()
    abroad: Counter[str] = Counter()
    for _, state, segments, n, _ in readings.responses.rows():
        if is_valid(state):
            sectors[segments.sector or UNKNOWN] += n
            if segments.residence == "abroad":
                abroad[segments.country or UNKNOWN] += n
    bases["participation.sector"] = dict(sectors)
    bases["participation.country"] = dict(abroad)
    for table in fold(readings, reported(bound.definition)):
        names = ["sector"]
        if table.question.role in (Role.SUPPORT, Role.THEMES):
            names += ["residence", "country", "language"]
        for name in names:
            if table.base and not table.question.sensitive:
                key = f"{table.question.id}.{table.version}.{table.wave}.{name}"
                bases[key] = table.bases(name)
    return bases


def may_publish(before: Bases | None, now: Bases, k: int) -> bool:
    """Whether a first publication, or one after `before`, exposes nobody."""
    if before is None:
        return True
    return all(change == 0 or change >= k for change in _changes(before, now, k))


def _changes(before: Bases, now: Bases, k: int) -> Iterator[int]:
    """New responses in every row that was published, the grouped one included.

    A row that was not shown before cannot be subtracted from.
    """
    for table, old in before.items():
        new = now.get(table, {})
        for row in _published(old, k):
            yield sum(new.get(c, 0) for c in row) - sum(old[c] for c in row)


def _published(rows: dict[str, int], k: int) -> list[tuple[str, ...]]:
    protection = protect_rows(rows, k)
    if protection.only_total:
        return []
    visible = [(code,) for code, n in rows.items() if n and code not in protection.hidden]
    return visible + ([protection.merged] if protection.merged else [])


def frozen_view(published: Summary, live: Summary, published_at: str) -> Summary:
    """The public view: the last publication, with the live total on top."""
    shown: dict[str, Any] = {**published}
    shown["participation"] = {
        **published["participation"],
        "valid": live["participation"]["valid"],
        "new_this_week": live["participation"]["new_this_week"],
    }
    shown["states"] = {
        **published["states"],
        **{name: live["states"][name] for name in LIVE_STATES},
    }
    shown["replies"] = live["replies"]
    is_past = published["week"] != live["week"]
    notices = [code for code in live["notices"] if not (is_past and code == "WEEK_RUNNING")]
    if live["participation"]["valid"] != published["participation"]["valid"]:
        notices.append("FROZEN")
    shown["notices"] = notices
    shown["locale"] = live["locale"]
    shown["frozen_since"] = published_at
    return shown
