"""Summaries and tables from the records, and the publications of the public view (RC6d)."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.instance import Folder
from flows.binding import BoundConsultation
from flows.readings import Readings
from flows.weeks import moment, week_of
from reports.publication import frozen_view, may_publish, row_bases
from reports.summary import Summary, summarise
from reports.tables import segment_table
from storage.publications import latest_publication, record_publication
from storage.readings import read_consultation


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which summary is asked for."""

    consultation: str | None = None
    wave: int | None = None
    week: str | None = None
    view: str = "internal"
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
    return read_consultation(
        connection,
        definition=bound.definition,
        wave=asked.wave,
        week=asked.week,
        zone=folder.instance.city.time_zone,
        now=now,
    )


def summary(connection: Connection, folder: Folder, asked: Asked, now: int) -> Summary:
    """The summary that is asked for; in public the last publication with the live total."""
    bound = folder.consultation(asked.consultation)
    readings = read(connection, folder, bound, asked, now)
    live = _summarise(connection, folder, bound, readings, asked, now)
    if asked.view != "public":
        return live
    body = latest_publication(connection, bound.definition.id, asked.wave)
    if body is None:
        return live
    published: dict[str, Any] = msgspec.json.decode(body)
    return frozen_view(published["summary"], live, published["at"])


def _summarise(
    connection: Connection,
    folder: Folder,
    bound: BoundConsultation,
    readings: Readings,
    asked: Asked,
    now: int,
) -> Summary:
    return summarise(
        readings,
        bound,
        view=asked.view,
        locale=asked.locale or folder.instance.city.locale,
        produced_by={"version": program_version(), "seed": asked.seed},
        registry=_registry(connection, folder, bound, asked, now),
    )


def _registry(
    connection: Connection, folder: Folder, bound: BoundConsultation, asked: Asked, now: int
) -> tuple[Readings, BoundConsultation] | None:
    """The registry that the consultation offers to people abroad, at the same week."""
    other = folder.registry_of(bound)
    if other is None:
        return None
    return read(connection, folder, other, Asked(week=asked.week), now), other


def table(
    connection: Connection, folder: Folder, asked: Asked, now: int, *, question: str, by: str
) -> dict[str, Any]:
    """One question by one segment."""
    bound = folder.consultation(asked.consultation)
    readings = read(connection, folder, bound, asked, now)
    return segment_table(readings, bound, question=question, by=by, view=asked.view)


def publish_if_allowed(
    connection: Connection, folder: Folder, now: int, lifted: Container[str] = ()
) -> list[str]:
    """Write every publication that RC6d allows; returns the names of their consultations.

    In a period of silence nothing is published, unless it is one of the `lifted` (first days).
    """
    done: list[str] = []
    if folder.instance.city.calm(lifted).silent_until(now):
        return done
    for name, bound in sorted(folder.consultations.items()):
        waves = [None, *(w.number for w in bound.definition.waves)]
        done += [name for wave in waves if _publish(connection, folder, bound, wave, now)]
    return done


def _publish(
    connection: Connection, folder: Folder, bound: BoundConsultation, wave: int | None, now: int
) -> bool:
    """One publication, of everything up to now."""
    zone = folder.instance.city.time_zone
    asked = Asked(wave=wave, view="public", week=week_of(now, zone))
    readings = read(connection, folder, bound, asked, now)
    bases = row_bases(readings, bound)
    if not bases["participation.sector"]:
        return False
    body = latest_publication(connection, bound.definition.id, wave)
    before = msgspec.json.decode(body)["bases"] if body is not None else None
    k = folder.instance.city.thresholds.public
    if before == bases or not may_publish(before, bases, k):
        return False
    at = moment(now, zone).isoformat(timespec="seconds")
    shown = _summarise(connection, folder, bound, readings, asked, now)
    packed = msgspec.json.encode({"at": at, "bases": bases, "summary": shown})
    record_publication(connection, bound.definition.id, wave, packed, now)
    return True
