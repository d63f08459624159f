"""How people got in (ST1): by channel and language; and how long a complete response took."""

from __future__ import annotations

from collections import Counter

from flows.readings import Readings
from reports.disclosure import UNKNOWN
from reports.participation import people

NAMES = ("channel", "language")


def entry(readings: Readings, k: int, *, is_public: bool) -> dict[str, object]:
    """People by channel and by language, most first; in public the names alone.

    Numbers by channel would be one more public table to be solved against the others.
    `median_minutes`: from the first word to the last of complete responses, None under k of them.
    """
    complete = sum(n for _, state, _, n, _ in readings.responses.rows() if state == "complete")
    minutes = readings.median_minutes if complete >= k else None
    block: dict[str, object] = {"median_minutes": minutes}
    for name in NAMES:
        rows = _count(readings, name)
        block[f"by_{name}"] = _named(rows) if is_public else _counted(rows)
    return block


def _count(readings: Readings, name: str) -> Counter[str]:
    counter: Counter[str] = Counter()
    for segments, n, _ in people(readings):
        counter[getattr(segments, name) or UNKNOWN] += n
    return counter


def _counted(rows: Counter[str]) -> list[dict[str, object]]:
    ordered = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
    return [{"code": code, "n": n, "hidden": False} for code, n in ordered]


def _named(rows: Counter[str]) -> list[dict[str, object]]:
    return [{"code": code, "n": None, "hidden": True} for code in sorted(rows) if code != UNKNOWN]
