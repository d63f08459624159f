"""Rankings (RC5): positions score m…1; points, then first places, then mentions, then "2="."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.consultation import DONT_KNOW, NONE
from reports.percent import percent

ALONE = frozenset({NONE, DONT_KNOW, ""})
"""In the base, with 0 points."""


def rank(values: Iterable[tuple[tuple[str, ...], int]], most: int) -> list[dict[str, object]]:
    """The themes in order, from (ordered codes, persons); `most` is the longest ranking."""
    listed = list(values)
    base = sum(n for _, n in listed)
    points: Counter[str] = Counter()
    first: Counter[str] = Counter()
    mentions: Counter[str] = Counter()
    for codes, n in listed:
        ranked = [code for code in codes if code not in ALONE]
        for place, code in enumerate(ranked):
            points[code] += n * (most - place)
            mentions[code] += n
        if ranked:
            first[ranked[0]] += n
    order = sorted(points, key=lambda c: (-points[c], -first[c], -mentions[c], c))
    key = {code: (points[code], first[code], mentions[code]) for code in order}
    shared = Counter(key.values())
    place_of: dict[tuple[int, int, int], int] = {}
    for at, code in enumerate(order, start=1):
        place_of.setdefault(key[code], at)
    return [
        {
            "code": code,
            "rank": f"{place_of[key[code]]}{'=' if shared[key[code]] > 1 else ''}",
            "points": points[code],
            "mentions": mentions[code],
            "first": first[code],
            "percent": percent(mentions[code], base),
        }
        for code in order
    ]
