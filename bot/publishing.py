"""Writes a publication whenever RC6d allows one: all waves of a consultation together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.instance import Folder
from bot.published import Publication, last_publication
from bot.summaries import Asked, make_summary, read, read_registry
from flows.binding import BoundConsultation
from flows.readings import Readings
from flows.weeks import moment
from reports.diaspora import diaspora_bases
from reports.disclosure import Guard
from reports.publication import Bases, Memory, anchors, fresh_answers, may_publish, row_bases
from reports.summary import Summary
from storage.publications import record_publication


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published: a summary per wave (None: all together), and its memory."""

    summaries: dict[int | None, Summary]
    memory: Memory
    fresh: Bases
    anchors: dict[str, frozenset[str]]

    def is_news_after(self, before: Memory | None) -> bool:
        """Whether anything was answered, changed or withdrawn since."""
        changed = any(n for rows in self.fresh.values() for n in rows.values())
        return before is None or changed or before.bases != self.memory.bases


def publish_if_allowed(connection: Connection, folder: Folder, now: int) -> list[str]:
    """Write every publication that RC6d allows; returns the names of their consultations."""
    return [
        name
        for name, bound in sorted(folder.consultations.items())
        if _publish(connection, folder, bound, now)
    ]


def _publish(connection: Connection, folder: Folder, bound: BoundConsultation, now: int) -> bool:
    """The publications of a consultation, of everything up to now."""
    last = last_publication(connection, bound, None)
    before = last.memory if last else None
    asked = Asked(
        consultation=bound.definition.id,
        view="public",
        as_of=now + 1,
        since=last.as_of if last else 0,
    )
    draft = make_draft(connection, folder, asked, now, before)
    k = folder.instance.city.thresholds.public
    if draft is None or not draft.is_news_after(before):
        return False
    if not may_publish(before, draft.memory, k, draft.fresh):
        return False
    for wave, summary in draft.summaries.items():
        body = packed(draft, summary, folder, now + 1)
        record_publication(connection, bound.definition.id, wave, body, now)
    return True


def make_draft(
    connection: Connection, folder: Folder, asked: Asked, now: int, before: Memory | None
) -> Draft | None:
    """The public summaries of every wave at a cut, under one guard; None of nothing."""
    bound = folder.consultation(asked.consultation)
    parts = _read(connection, folder, bound, asked, now)
    if not parts:
        return None
    k = folder.instance.city.thresholds.public
    hidden = anchors([(readings, bound) for readings in parts], k, before)
    guard = Guard(k, is_public=True, kept=before.groups() if before else {}, anchors=hidden)
    summaries = {
        readings.wave: make_summary(
            connection, folder, readings, replace(asked, wave=readings.wave), now, guard
        )
        for readings in parts
    }
    bases: Bases = {}
    fresh: Bases = {}
    registry = read_registry(connection, folder, bound, asked, now)
    for readings in parts:
        bases |= row_bases(readings, bound) | diaspora_bases((readings, bound), registry)
        fresh |= fresh_answers(readings, bound)
    blocks = guard.blocks | {
        name: [(code,) for code, n in rows.items() if n >= k]
        for name, rows in bases.items()
        if name.startswith("diaspora.")
    }
    return Draft(summaries, Memory(bases, blocks), fresh, hidden)


def _read(
    connection: Connection, folder: Folder, bound: BoundConsultation, asked: Asked, now: int
) -> list[Readings]:
    """All waves together, then each wave that somebody took part in."""
    every = read(connection, folder, bound, asked, now)
    waves = sorted(set(every.responses.wave))
    if not sum(every.persons.n):
        return []
    return [every] + [
        read(connection, folder, bound, replace(asked, wave=wave), now) for wave in waves
    ]


def packed(draft: Draft, summary: Summary, folder: Folder, as_of: int) -> bytes:
    """The body of a publication: the same draft at the same cut, the same bytes."""
    zone = folder.instance.city.time_zone
    return Publication(
        at=moment(as_of - 1, zone).isoformat(timespec="seconds"),
        as_of=as_of,
        bases=draft.memory.bases,
        blocks={name: [list(b) for b in blocks] for name, blocks in draft.memory.blocks.items()},
        anchors={by: sorted(codes) for by, codes in draft.anchors.items()},
        summary=summary,
    ).packed()
