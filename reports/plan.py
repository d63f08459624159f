"""Insumo para el Plan: per axis and objective, mentions, for and against, a reason each way."""

from __future__ import annotations

from collections import Counter

from flows.binding import BoundConsultation
from flows.city import Plan
from flows.readings import Readings
from reports.disclosure import Guard
from reports.voices import pick, side_of

Rows = list[dict[str, object]]


def plan_input(readings: Readings, bound: BoundConsultation, guard: Guard) -> Rows:
    """One row per axis (objective null) and per objective of the plan.

    A person counts once per row, whatever number of its themes they named. Rows under k people
    carry no number; axes share people, so they cannot be subtracted from a total.
    """
    plan = bound.instance.plan
    rows = []
    for axis in plan.axes:
        objectives = [o for o in plan.objectives if o.axis == axis.code]
        themes = _themes(plan, {o.code for o in objectives})
        rows.append(_row(readings, bound, guard, axis.code, None, themes))
        for objective in objectives:
            own = _themes(plan, {objective.code})
            rows.append(_row(readings, bound, guard, axis.code, objective.code, own))
    return rows


def _themes(plan: Plan, objectives: set[str]) -> frozenset[str]:
    return frozenset(t.code for t in plan.themes if objectives & set(t.objectives))


def _row(
    readings: Readings,
    bound: BoundConsultation,
    guard: Guard,
    axis: str,
    objective: str | None,
    themes: frozenset[str],
) -> dict[str, object]:
    counts = _count(readings, bound, themes)
    is_hidden = guard.hides_number(counts["mentions"])
    return {
        "axis": axis,
        "objective": objective,
        "mentions": None if is_hidden else counts["mentions"],
        "favour": None if is_hidden else counts["favour"],
        "against": None if is_hidden else counts["against"],
        "reasons": [] if is_hidden or objective else _reasons(readings, bound, themes),
    }


def _count(readings: Readings, bound: BoundConsultation, themes: frozenset[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    if readings.theme_support is None:
        return counts
    for _, named, support, n in readings.theme_support.rows():
        if themes & set(named):
            counts["mentions"] += n
            counts[side_of(bound.definition, support) or "neither"] += n
    return counts


def _reasons(readings: Readings, bound: BoundConsultation, themes: frozenset[str]) -> Rows:
    reasons = {q.id for q in bound.definition.questions if q.role == "reason"}
    found: Rows = []
    for side in ("favour", "against"):
        texts = (
            w
            for w in readings.texts
            if w.question in reasons
            and themes & set(w.themes)
            and side_of(bound.definition, w.support) == side
        )
        found += [
            {"side": side, "text": quote, "language": words.language}
            for words, quote in pick(texts, 1)
        ]
    return found


def reply_counts(readings: Readings, bound: BoundConsultation, k: int) -> dict[str, object]:
    """RC13: themes with k or more mentions need a reply; how they stand."""
    mentions: Counter[str] = Counter()
    if readings.theme_support is not None:
        for _, named, _, n in readings.theme_support.rows():
            for code in set(named):
                mentions[code] += n
    standing = {reply.theme: reply for reply in readings.replies}
    themes: Rows = []
    for theme in bound.instance.plan.themes:
        reply = standing.get(theme.code)
        if mentions[theme.code] < k and reply is None:
            continue
        themes.append(
            {
                "code": theme.code,
                "state": reply.state if reply else "open",
                "reason": reply.reason if reply else None,
                "unit": reply.unit if reply else None,
                "due": reply.due if reply else None,
            }
        )
    states = Counter(str(theme["state"]) for theme in themes)
    in_study, is_open = states["in_study"], states["open"]
    return {
        "answered": len(themes) - in_study - is_open,
        "in_study": in_study,
        "open": is_open,
        "themes": themes,
    }
