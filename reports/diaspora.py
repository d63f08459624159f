"""The people abroad: services they ask for, what they offer, how they tell of the city."""

from __future__ import annotations

from flows.binding import BoundConsultation
from flows.consultation import Role
from flows.readings import Readings
from reports.disclosure import Guard
from reports.participation import people
from reports.questions import cells
from reports.rows import QuestionCells, fold
from reports.voices import pick

Part = tuple[Readings, BoundConsultation]


def diaspora(main: Part, registry: Part | None, guard: Guard) -> dict[str, object]:
    """The block; the registry's answers stand where there is one, else the consultation's own.

    A table answered by fewer than k people is left out.
    """
    readings, _ = main
    base = sum(n for s, n, _ in people(readings) if s.residence == "abroad")
    source = registry if registry is not None and _has_answers(registry) else main
    return {
        "base": None if guard.hides_number(base) else base,
        "services": _table(source, Role.SERVICES, guard),
        "offers": _table(source, Role.OFFERS, guard),
        "narrative": _narrative(source, guard),
    }


def diaspora_bases(main: Part, registry: Part | None) -> dict[str, dict[str, int]]:
    """How many answered each table of the block, for RC6d."""
    readings, _ = main
    source = registry if registry is not None and _has_answers(registry) else main
    of_wave = f".{readings.wave}" if readings.wave else ""
    return {
        f"diaspora.{role}{of_wave}": {t.name: t.base for t in _tables(source, role)}
        for role in (Role.SERVICES, Role.OFFERS)
    }


def _has_answers(part: Part) -> bool:
    readings, _ = part
    return any(True for _ in readings.answers.rows())


def _tables(part: Part, role: Role) -> list[QuestionCells]:
    readings, bound = part
    return fold(readings, bound.definition.with_role(role))


def _table(part: Part, role: Role, guard: Guard) -> list[dict[str, object]]:
    tables = [t for t in _tables(part, role) if t.base and not guard.hides_number(t.base)]
    if not tables:
        return []
    table = max(tables, key=lambda t: (t.wave, t.version))
    counts = table.counts()
    codes = sorted((c for c in table.codes() if counts[c]), key=lambda c: (-counts[c], c))
    return [
        {"code": c["code"], "n": c["n"], "percent": c["percent"]}
        for c in cells(codes, counts, table.base)
    ]


def _narrative(part: Part, guard: Guard) -> list[dict[str, object]]:
    readings, bound = part
    ids = {q.id for q in bound.definition.with_role(Role.NARRATIVE)}
    texts = [w for w in readings.texts if w.question in ids]
    if guard.hides_number(len(texts)):
        return []
    return [{"text": quote, "language": words.language} for words, quote in pick(texts, 3)]
