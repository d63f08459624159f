"""The people abroad: services they ask for, what they offer, how they tell of the city."""

from __future__ import annotations

from flows.binding import BoundConsultation
from flows.consultation import Role
from flows.readings import Readings
from reports.participation import people
from reports.questions import cells
from reports.rows import QuestionCells, fold
from reports.voices import pick

Part = tuple[Readings, BoundConsultation]


def diaspora(main: Part, registry: Part | None, k: int) -> dict[str, object]:
    """The block; the registry's answers stand where there is one, else the consultation's own.

    A table answered by fewer than k people is left out.
    """
    readings, _ = main
    source = registry if registry is not None and _has_answers(registry) else main
    return {
        "base": sum(n for s, n, _ in people(readings) if s.residence == "abroad"),
        "services": _table(source, Role.SERVICES, k),
        "offers": _table(source, Role.OFFERS, k),
        "narrative": _narrative(source, k),
    }


def _has_answers(part: Part) -> bool:
    readings, _ = part
    return any(True for _ in readings.answers.rows())


def _tables(part: Part, role: Role) -> list[QuestionCells]:
    readings, bound = part
    return fold(readings, bound.definition.with_role(role))


def _table(part: Part, role: Role, k: int) -> list[dict[str, object]]:
    tables = [t for t in _tables(part, role) if t.base >= k]
    if not tables:
        return []
    table = max(tables, key=lambda t: (t.wave, t.version))
    counts = table.counts()
    codes = sorted((c for c in table.codes() if counts[c]), key=lambda c: (-counts[c], c))
    return [
        {"code": c["code"], "n": c["n"], "percent": c["percent"]}
        for c in cells(codes, counts, table.base)
    ]


def _narrative(part: Part, k: int) -> list[dict[str, object]]:
    readings, bound = part
    ids = {q.id for q in bound.definition.with_role(Role.NARRATIVE)}
    texts = [w for w in readings.texts if w.question in ids]
    if len(texts) < k:
        return []
    return [{"text": quote, "language": words.language} for words, quote in pick(texts, 3)]
