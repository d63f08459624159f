"""Writes a publication whenever RC6d allows one: all waves of a consultation together."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from sqlalchemy import Connection

from bot.instance import Folder
from bot.published import Publication, last_publication, unpack
from bot.summaries import Asked, program_version, read, read_registry
from flows.binding import BoundConsultation
from flows.readings import Readings
from flows.weeks import moment
from reports.errors import ReportError
from reports.publication import Draft, Memory, draft, figures_changed
from reports.voices import still_said, without_gone
from storage.publications import (
    CORRECTED,
    WITHDRAWN,
    KeptPublication,
    find_publication,
    list_publications,
    mark_publications,
    next_number,
    record_publication,
    replace_body,
)


def publish_if_allowed(
    connection: Connection, folder: Folder, now: int, lifted: Container[str] = ()
) -> list[str]:
    """Write every publication that RC6d allows; returns the names of their consultations.

    In a period of silence nothing is published, unless it is one of the `lifted` (first days).
    Words that were withdrawn go in any case.
    """
    names = []
    is_silent = bool(folder.instance.city.calm(lifted).silent_until(now))
    for name, bound in sorted(folder.consultations.items()):
        forget_withdrawn_words(connection, folder, bound, now)
        if not is_silent and _publish(connection, folder, bound, now):
            names.append(name)
    return names


def _publish(connection: Connection, folder: Folder, bound: BoundConsultation, now: int) -> bool:
    """The publications of a consultation, of everything up to now."""
    last = last_publication(connection, bound, None)
    before = last.memory if last else None
    asked = Asked(
        consultation=bound.definition.id,
        view="public",
        as_of=now + 1,
        since=(last.as_of or now + 1) if last else 0,  # an older program kept no cut
    )
    made = make_draft(connection, folder, asked, now, before)
    if made is None or not made.may_follow(before, folder.instance.city.thresholds.public):
        return False
    number = next_number(connection, bound.definition.id)
    for wave in made.summaries:
        kept = KeptPublication(
            wave=wave,
            number=number,
            published_at=now,
            body=packed(made, wave, folder, now + 1),
            corrects=None,
            note="",
            mark="",
        )
        record_publication(connection, bound.definition.id, kept)
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


def packed(
    made: Draft, wave: int | None, folder: Folder, as_of: int, changed: tuple[str, ...] = ()
) -> bytes:
    """The body of a publication: the same draft at the same cut, the same bytes."""
    zone = folder.instance.city.time_zone
    return Publication(
        at=moment(as_of - 1, zone).isoformat(timespec="seconds"),
        as_of=as_of,
        bases=made.memory.bases,
        blocks={name: [list(b) for b in blocks] for name, blocks in made.memory.blocks.items()},
        anchors={by: sorted(codes) for by, codes in made.anchors.items()},
        summary=made.summaries[wave],
        changed=list(changed),
    ).packed()


def correct(
    connection: Connection, folder: Folder, consultation: str, note: str, now: int
) -> list[str]:
    """Make the last publication again at its own cut; returns the figures that changed.

    For a mistake of ours: a wrong margin, a definition, a defect of the program. Raises
    ReportError when nothing changes, or when the difference could expose somebody.
    """
    bound = folder.consultation(consultation)
    kept = find_publication(connection, consultation, None)
    if kept is None:
        raise ReportError("Todavía no hay ninguna publicación que corregir.")
    last = unpack(kept)
    earlier = find_publication(connection, consultation, None, kept.number - 1)
    asked = Asked(consultation=consultation, view="public", as_of=last.as_of)
    made = make_draft(connection, folder, asked, now, unpack(earlier).memory if earlier else None)
    if made is None or made.memory.bases != last.bases:
        raise ReportError(
            "No se corrige: alguien retiró o unió sus respuestas después de este corte, y la "
            "diferencia lo mostraría. La próxima publicación ya se calcula sin ellas."
        )
    number = next_number(connection, consultation)
    changed = _record_correction(connection, folder, bound, kept, (made, note, number, now))
    if not changed:
        raise ReportError("No hay nada que corregir: las cifras del corte salen iguales.")
    mark_publications(connection, consultation, CORRECTED, kept.number)
    return changed


def _record_correction(
    connection: Connection,
    folder: Folder,
    bound: BoundConsultation,
    old: KeptPublication,
    new: tuple[Draft, str, int, int],
) -> list[str]:
    made, note, number, now = new
    name = bound.definition.id
    as_of = unpack(old).as_of
    before = {
        k.wave: unpack(k).summary
        for k in list_publications(connection, name)
        if k.number == old.number
    }
    changed = {
        wave: tuple(figures_changed(before.get(wave, {}), summary))
        for wave, summary in made.summaries.items()
    }
    if not any(changed.values()):
        return []
    for wave in made.summaries:
        kept = KeptPublication(
            wave=wave,
            number=number,
            published_at=now,
            body=packed(made, wave, folder, as_of, changed[wave]),
            corrects=old.number,
            note=note,
            mark="",
        )
        record_publication(connection, name, kept)
    return list(dict.fromkeys(path for paths in changed.values() for path in paths))


def forget_withdrawn_words(
    connection: Connection, folder: Folder, bound: BoundConsultation, now: int
) -> None:
    """Take quotes out of marked publications whose words nobody says any more (RC16)."""
    name = bound.definition.id
    marked = [k for k in list_publications(connection, name) if k.mark == WITHDRAWN]
    if not marked:
        return
    asked = Asked(consultation=name, as_of=now + 1)
    said = still_said(read(connection, folder, bound, asked, now).texts)
    registry = read_registry(connection, folder, bound, asked, now)
    if registry is not None:
        said |= still_said(registry[0].texts)
    for kept in marked:
        published = unpack(kept)
        summary = without_gone(published.summary, said)
        if summary != published.summary:
            body = replace(published, summary=summary).packed()
            replace_body(connection, name, replace(kept, body=body))
