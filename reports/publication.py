"""Publications (RC6d): the public tables stay until k new answers have come to every row.

Two consecutive publications must not be subtractable. The total is always live.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.binding import BoundConsultation
from flows.consultation import Role
from flows.readings import Readings
from reports.disclosure import protect_rows
from reports.participation import people
from reports.questions import reported
from reports.rows import fold
from reports.summary import Summary

LIVE_STATES = ("started", "valid")
Bases = dict[str, dict[str, int]]


def row_bases(readings: Readings, bound: BoundConsultation) -> Bases:
    """The unprotected base of every row of every public table; it never leaves the records."""
    bases: Bases = {}
    who: dict[str, int] = {}
    abroad: dict[str, int] = {}
    for segments, n, _ in people(readings):
        who[segments.sector or "_unknown"] = who.get(segments.sector or "_unknown", 0) + n
        if segments.residence == "abroad":
            abroad[segments.country] = abroad.get(segments.country, 0) + n
    bases["participation.sector"] = who
    bases["participation.country"] = abroad
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
    """New answers in every row that either publication shows, the grouped one included."""
    for table in before.keys() | now.keys():
        old, new = before.get(table, {}), now.get(table, {})
        for layout in (old, new):
            for row in _published(layout, k):
                yield sum(new.get(c, 0) for c in row) - sum(old.get(c, 0) for c in row)


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
    notices = list(live["notices"])
    if live["participation"]["valid"] != published["participation"]["valid"]:
        notices.append("FROZEN")
    shown["notices"] = notices
    shown["locale"] = live["locale"]
    shown["frozen_since"] = published_at
    return shown
