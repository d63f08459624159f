"""The summary as data: one dictionary, the only source of every page, PDF, text and table.

Keys in English, codes as values, shares as strings with a point; `reports/schema` has its
JSON Schema. The same readings give the same dictionary, key for key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flows.binding import BoundConsultation
from flows.consultation import QuestionType, Role
from flows.readings import Readings
from flows.weeks import moment
from reports.changes import changes, week_changes
from reports.diaspora import diaspora
from reports.disclosure import Guard
from reports.entry import entry
from reports.inside import alerts, differing, stops
from reports.open_answers import open_answers
from reports.participation import participation, states
from reports.plan import plan_input, reply_counts
from reports.questions import question_entry, reported
from reports.rankings import ranking_entry
from reports.rows import QuestionCells, fold
from reports.voices import needs, quotes
from reports.weighting import add_strata, shown_blocks, weigh

SCHEMA = "tertulia.summary/1"
SMALL_BASE = 30
SEED = 1
"""Of what is drawn by chance, unless another is given; it is printed."""

Summary = dict[str, Any]


def summarise(
    readings: Readings,
    bound: BoundConsultation,
    guard: Guard,
    *,
    locale: str,
    produced_by: Mapping[str, object],
    registry: tuple[Readings, BoundConsultation] | None = None,
) -> Summary:
    """The summary of a cut, under a guard. `registry`: the readings of the diaspora's registry."""
    definition, city = bound.definition, bound.instance.city
    tables = fold(readings, reported(definition))
    versions = Counter((str(t.question.id), t.wave) for t in tables if t.base)
    seed = SEED if produced_by["seed"] is None else int(str(produced_by["seed"]))
    who = participation(readings, bound, guard)
    questions = _questions(tables, readings, guard, versions, city.country)
    rankings = _rankings(tables, versions, seed, is_public=guard.is_public)
    weighting = weigh(readings, bound.instance.margins)
    add_strata(weighting, tables, questions, rankings)
    return {
        "schema": SCHEMA,
        "consultation": {
            "id": definition.id,
            "version": definition.version,
            "kind": str(definition.kind),
            "title": dict(definition.title),
        },
        "wave": readings.wave,
        "week": readings.week,
        "view": "public" if guard.is_public else "internal",
        "locale": locale,
        "as_of": moment(readings.as_of, city.time_zone).isoformat(),
        "fingerprint": readings.fingerprint,
        "produced_by": {**produced_by, "seed": seed},
        "states": states(readings),
        "participation": who,
        "entry": entry(readings, guard.k, is_public=guard.is_public),
        "questions": questions,
        "rankings": rankings,
        "changes": changes(tables, readings, guard.k) if readings.wave is None else [],
        "week_changes": week_changes(tables, guard),
        "weighting": shown_blocks(weighting, who, guard),
        "plan": plan_input(readings, bound, guard),
        "needs": needs(readings, definition),
        "open_answers": open_answers(readings, definition, bound.instance.codebook, guard.k),
        "quotes": quotes(readings, definition),
        "diaspora": diaspora((readings, bound), registry, guard),
        "replies": reply_counts(readings, bound, city.thresholds.public),
        "drop_off": [] if guard.is_public else stops(readings),
        "differences": [] if guard.is_public else differing(tables, guard),
        "alerts": [] if guard.is_public else alerts(readings, definition, guard.k),
        "notices": _notices(readings, bound, tables, versions),
        "suppression": list(guard.log),
        "frozen_since": None,
        "publication": None,
    }


def _questions(
    tables: list[QuestionCells],
    readings: Readings,
    guard: Guard,
    versions: Counter[tuple[str, int]],
    home: str,
) -> list[dict[str, Any]]:
    return [
        question_entry(
            table,
            readings,
            guard,
            has_twin=versions[table.question.id, table.wave] > 1,
            home=home,
        )
        for table in tables
    ]


def guard_for(bound: BoundConsultation, view: str) -> Guard:
    """The guard of a view: public, or internal."""
    thresholds = bound.instance.city.thresholds
    is_public = view == "public"
    return Guard(thresholds.public if is_public else thresholds.internal, is_public=is_public)


def _rankings(
    tables: list[QuestionCells],
    versions: Counter[tuple[str, int]],
    seed: int,
    *,
    is_public: bool,
) -> list[dict[str, Any]]:
    ranked = [t for t in tables if t.question.type is QuestionType.RANK and t.base]
    if is_public:  # two versions are not summed, and in public carry no numbers
        ranked = [t for t in ranked if versions[t.question.id, t.wave] == 1]
    return [ranking_entry(table, seed) for table in ranked]


def _notices(
    readings: Readings,
    bound: BoundConsultation,
    tables: list[QuestionCells],
    versions: Counter[tuple[str, int]],
) -> list[str]:
    """What a reader must know, as codes."""
    found = ["NOT_REPRESENTATIVE", "NO_IDENTITY_CHECK"]
    key = [t for t in tables if t.question.role in (Role.SUPPORT, Role.THEMES)] or tables
    if any(t.base < SMALL_BASE for t in key):
        found.append("SMALL_BASE")
    if any(n > 1 for n in versions.values()):
        found.append("TWO_VERSIONS")
    if readings.is_running:
        found.append("WEEK_RUNNING")
    if bound.instance.plan.is_approved:
        found.append("INFORMATIVE")
    if not bound.instance.margins:
        found.append("NOT_WEIGHTED")
    if bound.instance.city.made_up:
        found.append("MADE_UP_DATA")
    return found
