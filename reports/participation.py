"""Who took part and who is missing: states (RC1), coverage (RC7), places, groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.binding import BoundConsultation
from flows.city import Thresholds
from flows.readings import Readings, Segments
from reports.disclosure import GROUPED, UNKNOWN, protect_rows
from reports.percent import percent
from reports.rows import is_valid, valid_by_wave

STATES = ("declined", "under_age", "empty", "partial", "complete")


def states(readings: Readings) -> dict[str, object]:
    """RC1: the end states add up to started; completion leaves out who never could complete."""
    counts = Counter(dict.fromkeys(STATES, 0))
    for _, state, _, n, _ in readings.responses.rows():
        counts[state] += n
    withdrawn = sum(readings.withdrawn.values())
    valid = counts["partial"] + counts["complete"]
    reached = counts["complete"] + counts["partial"] + counts["empty"]
    return {
        "started": sum(counts.values()) + withdrawn,
        **{name: counts[name] for name in STATES},
        "withdrawn": withdrawn,
        "valid": valid,
        "completion_percent": percent(counts["complete"], reached),
    }


def people(readings: Readings) -> list[tuple[Segments, int, int]]:
    """(segments, n, new): responses of a wave, or distinct people over all waves."""
    if readings.wave is None:
        return [(segments, n, new) for _, segments, n, new in readings.persons.rows()]
    return [
        (segments, n, new)
        for _, state, segments, n, new in readings.responses.rows()
        if is_valid(state)
    ]


def participation(
    readings: Readings, bound: BoundConsultation, k: int, *, is_public: bool
) -> dict[str, object]:
    """The participation block of the summary."""
    who = people(readings)
    actors = bound.instance.actors
    thresholds = bound.instance.city.thresholds
    sectors = _count(who, "sector")
    types = _count(who, "actor_type")
    block: dict[str, object] = {
        "valid": sum(n for _, n, _ in who),
        "new_this_week": sum(new for _, _, new in who),
        "resident": sum(n for s, n, _ in who if s.residence == "resident"),
        "abroad": sum(n for s, n, _ in who if s.residence == "abroad"),
        "by_sector": _coverage(
            [s.code for s in actors.sectors], sectors, k, thresholds, is_public=is_public
        ),
        "by_actor_type": [
            _group(t.code, types[t.code], k, thresholds, is_public) for t in actors.types
        ],
        "priority_groups": [
            _group(group.code, sum(types[c] for c in group.actor_types), k, thresholds, is_public)
            for group in actors.groups
        ],
        "countries": _countries(who, k, is_public=is_public),
    }
    if not is_public:  # a code names a place: how many came by it is for whoever hands it out
        block["by_source"] = _by_source(who)
    if readings.wave is None:
        block |= _over_waves(readings, sectors, types)
    return block


def _over_waves(
    readings: Readings, sectors: Counter[str], types: Counter[str]
) -> dict[str, object]:
    waves = valid_by_wave(readings)
    return {
        "waves": [{"wave": wave, "valid": n} for wave, n in waves.items()],
        "in_all_waves": sum(
            n for taken, _, n, _ in readings.persons.rows() if set(taken) >= set(waves)
        ),
        "sectors": len([c for c in sectors if c != UNKNOWN]),
        "actor_types": len([c for c in types if c != UNKNOWN]),
    }


def _count(who: Iterable[tuple[Segments, int, int]], name: str) -> Counter[str]:
    counter: Counter[str] = Counter()
    for segments, n, _ in who:
        counter[getattr(segments, name) or UNKNOWN] += n
    return counter


def coverage_state(n: int, k: int, target: int) -> str:
    """RC7: silent, insufficient, partial or covered."""
    if n == 0:
        return "silent"
    if n < k:
        return "insufficient"
    return "partial" if n < target else "covered"


def _coverage(
    codes: list[str], counts: Counter[str], k: int, thresholds: Thresholds, *, is_public: bool
) -> list[dict[str, object]]:
    target = thresholds.sector_minimum
    rows = {code: counts[code] for code in codes}
    if counts[UNKNOWN]:
        rows[UNKNOWN] = counts[UNKNOWN]
    if not is_public:
        return [_row(code, n, coverage_state(n, k, target)) for code, n in rows.items()]
    protection = protect_rows(rows, k)
    shown: list[dict[str, object]] = [
        {"code": code, "n": None, "state": "low", "hidden": True, "merged": []}
        if code in protection.hidden
        else _row(code, n, coverage_state(n, k, target))
        for code, n in rows.items()
    ]
    if protection.merged:
        grouped = _row(GROUPED, protection.merged_n or 0, "")
        shown.append({**grouped, "state": None, "merged": list(protection.merged)})
    return shown


def _row(code: str, n: int, state: str) -> dict[str, object]:
    return {"code": code, "n": n, "state": state, "hidden": False, "merged": []}


def _group(
    code: str, n: int, k: int, thresholds: Thresholds, is_public: bool
) -> dict[str, object]:
    """In public a group or type has no number, and no state to be solved against the total."""
    if is_public:
        return {
            "code": code,
            "n": None,
            "state": "silent" if n == 0 else None,
            "hidden": n > 0,
            "merged": [],
        }
    return _row(code, n, coverage_state(n, k, thresholds.sector_minimum))


def _by_source(who: Iterable[tuple[Segments, int, int]]) -> list[dict[str, object]]:
    """People by the code of the link that brought them, most first; `?` came without one."""
    counter: Counter[str] = Counter()
    for segments, n, _ in who:
        counter[segments.source or UNKNOWN] += n
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return [{"code": code, "n": n} for code, n in ordered]


def _countries(
    who: Iterable[tuple[Segments, int, int]], k: int, *, is_public: bool
) -> list[dict[str, object]]:
    """People abroad by country; countries under k fold into one row."""
    counter: Counter[str] = Counter()
    for segments, n, _ in who:
        if segments.residence == "abroad":
            counter[segments.country or UNKNOWN] += n
    protection = protect_rows(counter, k) if is_public else protect_rows(counter, 0)
    shown: list[dict[str, object]] = [
        {"code": code, "n": n, "hidden": False, "merged": []}
        for code, n in sorted(counter.items(), key=lambda item: (-item[1], item[0]))
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
