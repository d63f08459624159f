"""Who took part and who is missing: states (RC1), coverage (RC7), places, groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.binding import BoundConsultation
from flows.city import Thresholds
from flows.readings import Readings, Segments
from reports.disclosure import GROUPED, UNKNOWN, Guard, Rows, protect
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


def participation(readings: Readings, bound: BoundConsultation, guard: Guard) -> dict[str, object]:
    """The participation block of the summary. Inside it is exact; in public it is protected."""
    who = people(readings)
    actors = bound.instance.actors
    thresholds = bound.instance.city.thresholds
    k, is_public = guard.k, guard.is_public
    tables = {table.by: table for table in participation_rows(readings, bound)}
    sectors = _count(who, "sector")
    types = _count(who, "actor_type")
    block: dict[str, object] = {
        "valid": sum(n for _, n, _ in who),
        "new_this_week": sum(new for _, _, new in who),
        **_residence(tables["residence"], guard),
        "by_sector": _coverage(tables["sector"], thresholds, guard),
        "by_actor_type": [
            _group(t.code, types[t.code], k, thresholds, is_public) for t in actors.types
        ],
        "priority_groups": [
            _group(group.code, sum(types[c] for c in group.actor_types), k, thresholds, is_public)
            for group in actors.groups
        ],
        "countries": _countries(tables["country"], guard),
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


def participation_rows(readings: Readings, bound: BoundConsultation) -> list[Rows]:
    """The tables of participation that the public view shows: sector, residence, country."""
    who = people(readings)
    sectors = _count(who, "sector")
    listed = {s.code: sectors[s.code] for s in bound.instance.actors.sectors}
    if sectors[UNKNOWN]:
        listed[UNKNOWN] = sectors[UNKNOWN]
    abroad = [row for row in who if row[0].residence == "abroad"]
    bases = {
        "sector": listed,
        "residence": dict(_count(who, "residence")),
        "country": dict(_count(abroad, "country")),
    }
    of_wave = f".{readings.wave}" if readings.wave else ""
    home = bound.instance.city.country
    return [
        Rows(f"participation.{by}{of_wave}", by, rows, home=home) for by, rows in bases.items()
    ]


def _residence(rows: Rows, guard: Guard) -> dict[str, object]:
    """Residents and people abroad; in public None where the number would give people away."""
    hidden = protect(rows, guard).hidden if guard.is_public else frozenset()
    return {
        code: None if code in hidden else rows.bases.get(code, 0)
        for code in ("resident", "abroad")
    }


def _coverage(rows: Rows, thresholds: Thresholds, guard: Guard) -> list[dict[str, object]]:
    k, target = guard.k, thresholds.sector_minimum
    if not guard.is_public:
        return [_row(code, n, coverage_state(n, k, target)) for code, n in rows.bases.items()]
    protection = protect(rows, guard)
    shown: list[dict[str, object]] = [
        {"code": code, "n": None, "state": "low", "hidden": True, "merged": []}
        if code in protection.hidden
        else _row(code, n, coverage_state(n, k, target))
        for code, n in rows.bases.items()
    ]
    for group in protection.groups:
        grouped = _row(group.code, group.n, "")
        shown.append({**grouped, "state": None, "merged": list(group.members)})
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


def _countries(rows: Rows, guard: Guard) -> list[dict[str, object]]:
    """People abroad by country; in public small countries fold upwards."""
    protection = protect(rows, guard) if guard.is_public else None
    hidden = protection.hidden if protection else frozenset()
    shown: list[dict[str, object]] = [
        {"code": code, "n": n, "hidden": False, "merged": []}
        for code, n in sorted(rows.bases.items(), key=lambda item: (-item[1], item[0]))
        if code not in hidden
    ]
    if protection is None:
        return shown
    shown += [
        {"code": group.code, "n": group.n, "hidden": False, "merged": list(group.members)}
        for group in protection.groups
    ]
    if protection.only_total:
        shown.append({"code": GROUPED, "n": None, "hidden": True, "merged": sorted(hidden)})
    return shown
