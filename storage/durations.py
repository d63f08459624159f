"""How long complete responses took, from the first word to the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from storage.said import Said

MINUTE = 60_000_000


def median_minutes(connection: Connection, said: Iterable[Said], as_of: int) -> int | None:
    """The lower median of whole minutes, halves up, of what was complete before a cut."""
    counts: Counter[int] = Counter()
    for pair in said:
        v = pair.valid.c
        minutes = (v.completed_at - v.started_at + MINUTE // 2) // MINUTE
        rows = connection.execute(
            select(minutes, func.count())
            .select_from(pair.valid)
            .where(v.completed_at < as_of)
            .group_by(minutes)
        )
        for took, n in rows:
            counts[took] += n
    left = (sum(counts.values()) + 1) // 2
    for took in sorted(counts):
        left -= counts[took]
        if left <= 0:
            return took
    return None
