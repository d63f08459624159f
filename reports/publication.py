"""Publications (RC6d): the public tables stay until k new answers have come to every row.

Two consecutive publications must not be subtractable. All waves of a consultation are published
together, with one memory of what is hidden. The total is always live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.binding import BoundConsultation
from flows.readings import Readings
from reports.diaspora import diaspora_bases
from reports.disclosure import UNKNOWN, Guard, protect, protect_rows
from reports.participation import participation_rows
from reports.questions import reported, segments_shown
from reports.rows import is_valid
from reports.summary import Summary, summarise

LIVE_STATES = ("started", "valid")
Bases = dict[str, dict[str, int]]
Blocks = Mapping[str, Sequence[Sequence[str]]]
"""Table name to the sets of rows that were shown with one number each."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last publication leaves behind; it stays in the records.

    `bases`: the valid responses behind every row. `blocks`: how they were shown.
    """

    bases: Bases
    blocks: Blocks = field(default_factory=dict)

    def groups(self) -> dict[str, list[list[str]]]:
        """The rows that were hidden together, by table."""
        return {
            name: [list(block) for block in blocks if len(block) > 1]
            for name, blocks in self.blocks.items()
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published: a summary per wave (None: all together), and its memory."""

    summaries: dict[int | None, Summary]
    memory: Memory
    fresh: Bases
    anchors: dict[str, frozenset[str]]

    def may_follow(self, before: Memory | None, k: int) -> bool:
        """Whether it has something new and, after the last publication, exposes nobody."""
        if before is None:
            return True
        changed = any(n for rows in self.fresh.values() for n in rows.values())
        if not changed and before.bases == self.memory.bases:
            return False
        return may_publish(before, self.memory, k, self.fresh)


def draft(
    parts: Sequence[Readings],
    bound: BoundConsultation,
    before: Memory | None,
    *,
    locale: str,
    produced_by: Mapping[str, object],
    registry: tuple[Readings, BoundConsultation] | None = None,
) -> Draft:
    """The public summaries of all waves together and of each, under one guard.

    `parts`: the readings of all waves, then of each wave, at one cut.
    """
    k = bound.instance.city.thresholds.public
    hidden = anchors([(readings, bound) for readings in parts], k, before)
    guard = Guard(k, is_public=True, kept=before.groups() if before else {}, anchors=hidden)
    summaries: dict[int | None, Summary] = {}
    bases: Bases = {}
    fresh: Bases = {}
    for readings in parts:
        guard.log.clear()
        summaries[readings.wave] = summarise(
            readings, bound, guard, locale=locale, produced_by=produced_by, registry=registry
        )
        alone = diaspora_bases((readings, bound), registry)
        guard.blocks |= {
            name: [(code,) for code, n in rows.items() if n >= k] for name, rows in alone.items()
        }
        bases |= row_bases(readings, bound) | alone
        fresh |= fresh_answers(readings, bound)
    return Draft(summaries, Memory(bases, guard.blocks), fresh, hidden)


def row_bases(readings: Readings, bound: BoundConsultation) -> Bases:
    """The valid responses behind every row of every public table."""
    return _count(readings, bound, readings.responses.n, readings.answers.n)


def fresh_answers(readings: Readings, bound: BoundConsultation) -> Bases:
    """Of these, given or changed since the last publication."""
    return _count(readings, bound, readings.responses.fresh, readings.answers.fresh)


def _count(
    readings: Readings, bound: BoundConsultation, responses: list[int], answers: list[int]
) -> Bases:
    of_wave = f".{readings.wave}" if readings.wave else ""
    people: dict[str, Counter[str]] = {by: Counter() for by in ("sector", "country")}
    for (_, state, segments, _, _), n in zip(readings.responses.rows(), responses, strict=True):
        if is_valid(state):
            people["sector"][segments.sector or UNKNOWN] += n
            if segments.residence == "abroad":
                people["country"][segments.country or UNKNOWN] += n
    bases = {f"participation.{by}{of_wave}": dict(rows) for by, rows in people.items()}
    counted: dict[str, Counter[str]] = {}
    questions = {str(q.id): q for q in reported(bound.definition) if not q.sensitive}
    for row, n in zip(readings.answers.rows(), answers, strict=True):
        name, version, wave, _, is_skipped, segments, _ = row
        if name in questions and not is_skipped:
            for by in segments_shown(questions[name]):
                table = counted.setdefault(f"{name}.{version}.{wave}.{by}", Counter())
                table[getattr(segments, by) or UNKNOWN] += n
    return bases | {name: dict(rows) for name, rows in counted.items()}


def anchors(
    parts: Iterable[tuple[Readings, BoundConsultation]], k: int, memory: Memory | None
) -> dict[str, frozenset[str]]:
    """The rows that participation hides in any wave: hidden in every table of that segment."""
    tables = [rows for readings, bound in parts for rows in participation_rows(readings, bound)]
    kept = memory.groups() if memory else {}
    found: dict[str, frozenset[str]] = {}
    while True:
        guard = Guard(k, is_public=True, kept=kept, anchors=found)
        wider = dict(found)
        for rows in tables:
            wider[rows.by] = wider.get(rows.by, frozenset()) | protect(rows, guard).hidden
        if wider == found:
            return found
        found = wider


def may_publish(
    before: Bases | Memory | None, now: Bases | Memory, k: int, fresh: Bases | None = None
) -> bool:
    """Whether a first publication, or one after `before`, exposes nobody.

    Every row that is shown, before or now, must have no change or at least k new answers; a row
    whose count stands still must not have exchanged one answer for another (`fresh`).
    """
    if before is None:
        return True
    old, new = _memory(before, k), _memory(now, k)
    return all(
        change >= k or (change == 0 and not exchanged)
        for change, exchanged in _changes(old, new, fresh or {})
    )


def _memory(given: Bases | Memory, k: int) -> Memory:
    """With blocks; those of an older record, or of bases alone, are made again."""
    memory = given if isinstance(given, Memory) else Memory(given)
    if memory.blocks:
        return memory
    blocks = {name: protect_rows(rows, k).blocks(rows) for name, rows in memory.bases.items()}
    return Memory(memory.bases, blocks)


def _changes(old: Memory, new: Memory, fresh: Bases) -> Iterator[tuple[int, int]]:
    """(new answers, given or changed since) in every set of rows that was or is shown.

    A row that was not shown before cannot be subtracted from; rows that were shown, or had
    nobody, can be, one by one or together.
    """
    for table, rows in old.bases.items():
        later, changed = new.bases.get(table, {}), fresh.get(table, {})
        blocks = [frozenset(b) for b in old.blocks.get(table, ())]
        shown = {frozenset(b) for b in new.blocks.get(table, ())} if later else set()
        for block in sorted({*blocks, *(b for b in shown if _known(b, blocks, rows))}, key=sorted):
            change = sum(later.get(c, 0) - rows.get(c, 0) for c in block)
            yield change, sum(changed.get(c, 0) for c in block)


def _known(block: frozenset[str], blocks: list[frozenset[str]], rows: Mapping[str, int]) -> bool:
    """Whether the number of a set of rows could be read before."""
    left = {code for code in block if rows.get(code)}
    for shown in blocks:
        if shown <= left:
            left -= shown
    return not left


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """Which publication it is, what it corrects and why, and what became of it (`mark`)."""

    number: int
    mark: str = ""
    corrects: int | None = None
    note: str = ""
    changed: tuple[str, ...] = ()

    def notices(self) -> list[str]:
        """What a reader must know of it."""
        marks = {"withdrawn": "WITHDRAWN_SINCE", "corrected": "WAS_CORRECTED"}
        return [marks[self.mark]] if self.mark else []

    def told(self) -> dict[str, object]:
        """As the summary says it."""
        return {
            "number": self.number,
            "mark": self.mark or None,
            "corrects": self.corrects,
            "note": self.note or None,
            "changed": list(self.changed),
        }


def frozen_view(
    published: Summary, live: Summary, published_at: str, fate: Fate | None = None
) -> Summary:
    """The public view: the last publication, with the live total on top."""
    newer: Summary = {key: [] if isinstance(value, list) else None for key, value in live.items()}
    shown: dict[str, Any] = {**newer, **published}  # an older program knew less
    shown["participation"] = {
        **published["participation"],
        "valid": live["participation"]["valid"],
        "new_this_week": live["participation"]["new_this_week"],
    }
    shown["states"] = {
        **published["states"],
        **{name: live["states"][name] for name in LIVE_STATES},
    }
    shown["replies"] = live["replies"]
    is_past = published["week"] != live["week"]
    notices = [code for code in live["notices"] if not (is_past and code == "WEEK_RUNNING")]
    if live["participation"]["valid"] != published["participation"]["valid"]:
        notices.append("FROZEN")
    shown["notices"] = notices + (fate.notices() if fate else [])
    shown["locale"] = live["locale"]
    shown["frozen_since"] = published_at
    shown["publication"] = fate.told() if fate else None
    return shown


def as_it_was(published: Summary, published_at: str, fate: Fate) -> Summary:
    """An earlier publication: its own figures, and what became of it."""
    return {
        **published,
        "notices": published["notices"] + fate.notices(),
        "frozen_since": published_at,
        "publication": fate.told(),
    }


NOT_FIGURES = ("schema", "as_of", "fingerprint", "produced_by", "locale", "frozen_since")


def figures_changed(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Where two summaries of one cut differ, e.g. `weighting.0.design_effect: 1.2 → 1.1`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after} - (set(NOT_FIGURES) if not path else set())):
            yield from figures_changed(before.get(key), after.get(key), f"{path}{key}.")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for at, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from figures_changed(old, new, f"{path}{at}.")
    elif before != after:
        is_long = isinstance(before, (dict, list)) or isinstance(after, (dict, list))
        yield path.rstrip(".") + ("" if is_long else f": {before} → {after}")
