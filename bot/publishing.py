"""Writes a publication whenever RC6d allows one: all waves of a consultation together."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.instance import Folder
from bot.published import Publication, last_publication
from bot.summaries import Asked, program_version, read, read_registry
from flows.binding import BoundConsultation
from flows.readings import Readings
from flows.weeks import moment
from reports.publication import Draft, Memory, draft
from reports.summary import Summary
from storage.publications import record_publication


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
    made = make_draft(connection, folder, asked, now, before)
    if made is None or not made.may_follow(before, folder.instance.city.thresholds.public):
        return False
    for wave, summary in made.summaries.items():
        body = packed(made, summary, folder, now + 1)
        record_publication(connection, bound.definition.id, wave, body, now)
    return True


def make_draft(
    connection: Connection, folder: Folder, asked: Asked, now: int, before: Memory | None
) -> Draft | None:
    """The public summaries of every wave at a cut; None where nobody took part."""
    bound = folder.consultation(asked.consultation)
    parts = _read(connection, folder, bound, asked, now)
    if not parts:
        return None
    return draft(
        parts,
        bound,
        before,
        locale=folder.instance.city.locale,
        produced_by={"version": program_version(), "seed": asked.seed},
        registry=read_registry(connection, folder, bound, asked, now),
    )


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


def packed(made: Draft, summary: Summary, folder: Folder, as_of: int) -> bytes:
    """The body of a publication: the same draft at the same cut, the same bytes."""
    zone = folder.instance.city.time_zone
    return Publication(
        at=moment(as_of - 1, zone).isoformat(timespec="seconds"),
        as_of=as_of,
        bases=made.memory.bases,
        blocks={name: [list(b) for b in blocks] for name, blocks in made.memory.blocks.items()},
        anchors={by: sorted(codes) for by, codes in made.anchors.items()},
        summary=summary,
    ).packed()
