"""Summaries and tables from the records, and the publications of the public view (RC6d)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import Connection

from bot.instance import Folder
from bot.published import last_publication, unpack
from flows.binding import BoundConsultation
from flows.readings import Readings
from reports.disclosure import Guard
from reports.errors import ReportError
from reports.publication import Fate, as_it_was, frozen_view
from reports.summary import Summary, guard_for, summarise
from reports.tables import as_published, segment_table
from storage.cuts import Which
from storage.publications import find_publication
from storage.readings import read_consultation


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which summary is asked for."""

    consultation: str | None = None
    wave: int | None = None
    week: str | None = None
    as_of: int | None = None
    since: int = 0
    view: str = "internal"
    publication: int | None = None
    """The number of an earlier publication, as it was."""
    locale: str | None = None
    seed: int | None = None


def program_version() -> str:
    """The installed version."""
    try:
        return version("tertulia")
    except PackageNotFoundError:
        return "0"


def read(
    connection: Connection, folder: Folder, bound: BoundConsultation, asked: Asked, now: int
) -> Readings:
    """The readings of a consultation."""
    margins = folder.instance.margins
    which = Which(
        wave=asked.wave,
        week=asked.week,
        as_of=asked.as_of,
        since=asked.since,
        variables=tuple(sorted({margin.variable for margin in margins})),
    )
    zone = folder.instance.city.time_zone
    return read_consultation(connection, bound.definition, which, zone=zone, now=now)


def summary(connection: Connection, folder: Folder, asked: Asked, now: int) -> Summary:
    """The summary that is asked for; in public the last publication with the live total."""
    bound = folder.consultation(asked.consultation)
    readings = read(connection, folder, bound, asked, now)
    guard = guard_for(bound, asked.view)
    if asked.view != "public":
        return make_summary(connection, folder, readings, asked, now, guard)
    live = make_summary(connection, folder, readings, asked, now, guard)
    kept = find_publication(connection, bound.definition.id, asked.wave, asked.publication)
    if kept is None:
        if asked.publication is not None:
            raise ReportError(f"No hay publicación número {asked.publication} de esta ola.")
        return live
    last = unpack(kept)
    fate = Fate(
        number=kept.number,
        mark=kept.mark,
        corrects=kept.corrects,
        note=kept.note,
        changed=tuple(last.changed),
    )
    if asked.publication is None:
        return frozen_view(last.summary, live, last.at, fate)
    return as_it_was(last.summary, last.at, fate)


def make_summary(
    connection: Connection,
    folder: Folder,
    readings: Readings,
    asked: Asked,
    now: int,
    guard: Guard,
) -> Summary:
    """The summary of readings, under a guard."""
    bound = folder.consultation(readings.consultation)
    return summarise(
        readings,
        bound,
        guard,
        locale=asked.locale or folder.instance.city.locale,
        produced_by={"version": program_version(), "seed": asked.seed},
        registry=read_registry(connection, folder, bound, asked, now),
    )


def read_registry(
    connection: Connection, folder: Folder, bound: BoundConsultation, asked: Asked, now: int
) -> tuple[Readings, BoundConsultation] | None:
    """The registry that the consultation offers to people abroad, at the same week."""
    other = folder.registry_of(bound)
    if other is None:
        return None
    wanted = Asked(week=asked.week, as_of=asked.as_of, since=asked.since)
    return read(connection, folder, other, wanted, now), other


def table(
    connection: Connection, folder: Folder, asked: Asked, now: int, *, question: str, by: str
) -> dict[str, Any]:
    """One question by one segment; in public as, and where, it was last published."""
    bound = folder.consultation(asked.consultation)
    guard = guard_for(bound, asked.view)
    last = last_publication(connection, bound, asked.wave) if guard.is_public else None
    if last is not None:
        asked = replace(asked, week=None, as_of=last.as_of)
        guard.kept, guard.anchors = last.memory.groups(), last.hidden
    readings = read(connection, folder, bound, asked, now)
    made = segment_table(readings, bound, guard, question=question, by=by)
    return as_published(made, last.summary) if last is not None else made
