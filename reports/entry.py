"""How people got in (ST1): by channel, by language; and how long a complete response took."""

from __future__ import annotations

from collections import Counter

from flows.readings import Readings
from reports.disclosure import GROUPED, UNKNOWN, protect_rows
from reports.participation import people

NAMES = ("channel", "language")


def entry(readings: Readings, k: int, *, is_public: bool) -> dict[str, object]:
    """People by channel and language, most first; in public protected as every row is (RC6).

    `median_minutes`: from the first word to the last of complete responses, None under k of them.
    """
    complete = sum(n for _, state, _, n, _ in readings.responses.rows() if state == "complete")
    minutes = readings.median_minutes if complete >= k else None
    block: dict[str, object] = {"median_minutes": minutes}
    for name in NAMES:
        rows = _count(readings, name)
        block[f"by_{name}"] = _shown(rows, k if is_public else 0)
    return block


def entry_bases(readings: Readings) -> dict[str, dict[str, int]]:
    """The rows behind the two tables: publications weigh them with all others (RC6d)."""
    return {f"entry.{name}": dict(_count(readings, name)) for name in NAMES}


def _count(readings: Readings, name: str) -> Counter[str]:
    counter: Counter[str] = Counter()
    for segments, n, _ in people(readings):
        counter[getattr(segments, name) or UNKNOWN] += n
    return counter


def _shown(rows: Counter[str], k: int) -> list[dict[str, object]]:
    protection = protect_rows(rows, k)
    ordered = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
    shown: list[dict[str, object]] = [
        {"code": code, "n": n, "hidden": False, "merged": []}
        for code, n in ordered
        if code not in protection.hidden
    ]
    if protection.hidden:
        shown.append(
            {
                "code": GROUPED,
                "n": protection.merged_n,
                "hidden": protection.merged_n is None,
                "merged": sorted(protection.hidden),
            }
        )
    return shown
