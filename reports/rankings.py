"""Rankings with how sure they are (RC5, ST5): rank intervals, tiers, dispersion, top three."""

from __future__ import annotations

from flows.consultation import DONT_KNOW, NONE
from reports.percent import rounded
from reports.ranking import ALONE, rank
from reports.rows import QuestionCells
from reports.statistics.dispersion import dispersion
from reports.statistics.intervals import LEAST


def ranking_entry(table: QuestionCells, seed: int) -> dict[str, object]:
    """One ranking of the summary. Under 30 people no interval and no tier is told."""
    counts = table.counts()
    most = table.question.max_choices or 3
    themes = rank([(values, n) for values, _, n in table.cells], most)
    share = dispersion(int(str(theme["points"])) for theme in themes)
    return {
        "id": table.question.id,
        "version": table.version,
        "wave": table.wave,
        "base": table.base,
        "themes": _with_tiers(themes, table, most, seed),
        "none": counts[NONE],
        "dont_know": counts[DONT_KNOW],
        "dispersion": rounded(100 * share) if share is not None else None,
        "strata": [],
    }


def _with_tiers(
    themes: list[dict[str, object]], table: QuestionCells, most: int, seed: int
) -> list[dict[str, object]]:
    if table.base < LEAST or not themes:
        return [{**theme, "tier": None, "best": None, "worst": None} for theme in themes]
    from reports.statistics.tiers import rank_intervals, tiers

    patterns: dict[tuple[str, ...], int] = {}
    for values, _, n in table.cells:
        ranked = tuple(code for code in values if code not in ALONE)
        patterns[ranked] = patterns.get(ranked, 0) + n
    order = [str(theme["code"]) for theme in themes]
    intervals = rank_intervals(sorted(patterns.items()), order, most, seed)
    tier_of = tiers(order, intervals)
    return [
        {
            **theme,
            "tier": tier_of[code],
            "best": intervals[code][0],
            "worst": intervals[code][1],
        }
        for code, theme in zip(order, themes, strict=True)
    ]
