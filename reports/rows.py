"""The readings folded into one small table per question, version and wave."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flows.consultation import DONT_KNOW, Question, QuestionType
from flows.readings import Readings, Segments
from reports.disclosure import UNKNOWN

SEGMENT_NAMES = ("sector", "actor_type", "country", "language", "channel", "residence")


def segment(name: str) -> Callable[[Segments], str]:
    """How to read one segment; unknown is a row of its own."""
    return lambda segments: getattr(segments, name) or UNKNOWN


@dataclass(slots=True)
class QuestionCells:
    """Everything given to one version of a question in one wave."""

    question: Question
    version: int
    wave: int
    cells: list[tuple[tuple[str, ...], Segments, int]] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    """Of each cell, the people whose response began in the week of the cut."""
    tallies: dict[str, dict[str, tuple[Counter[str], int]]] = field(default_factory=dict)
    """What has been counted; the cells do not change once they are folded."""
    skipped: int = 0

    @property
    def name(self) -> str:
        """Names the table in the protection's memory."""
        return f"{self.question.id}.{self.version}.{self.wave}"

    @property
    def base(self) -> int:
        """Persons shown it who gave any answer, "I don't know" included (RC2)."""
        return sum(n for _, _, n in self.cells)

    def counts(self) -> Counter[str]:
        """Persons per code; several codes of one person count each."""
        return self._tally("")[""][0] if self.cells else Counter()

    def bases(self, name: str) -> dict[str, int]:
        """Base per row of a segment."""
        return {row: base for row, (_, base) in self._tally(name).items()}

    def _tally(self, name: str) -> dict[str, tuple[Counter[str], int]]:
        """Row of a segment to (persons per code, base), counted once; "" is everybody."""
        found = self.tallies.get(name)
        if found is not None:
            return found
        read = segment(name) if name else lambda _: ""
        joint: dict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
        for values, segments, n in self.cells:
            joint[read(segments), values] += n
        counters: dict[str, Counter[str]] = defaultdict(Counter)
        bases: dict[str, int] = defaultdict(int)
        for (row, values), n in joint.items():
            bases[row] += n
            for code in set(values) - {""}:
                counters[row][code] += n
        found = {row: (counters[row], base) for row, base in bases.items()}
        self.tallies[name] = found
        return found

    def codes(self) -> list[str]:
        """The codes of the table: as the definition lists them, then what else was given."""
        given = self.counts()
        listed = [c.code for c in self.question.choices]
        if self.question.type in (QuestionType.COUNTRY, QuestionType.LOCAL_AREA):
            listed = []
        if self.question.dont_know and DONT_KNOW not in listed:
            listed.append(DONT_KNOW)
        return listed + sorted(set(given) - set(listed))

    def cells_of(self, name: str, rows: Iterable[str]) -> tuple[Counter[str], int]:
        """Counts and base of some rows of a segment together."""
        tally = self._tally(name)
        counts: Counter[str] = Counter()
        base = 0
        for row in set(rows) & set(tally):
            counts.update(tally[row][0])
            base += tally[row][1]
        return counts, base


def fold(readings: Readings, questions: Iterable[Question]) -> list[QuestionCells]:
    """One table per question, version and wave, in the definition's order."""
    asked = list(questions)
    by_id = {str(q.id): q for q in asked}
    found: dict[tuple[str, int, int], QuestionCells] = {}
    waves = sorted({wave for wave, state, *_ in readings.responses.rows() if is_valid(state)})
    rows = zip(readings.answers.rows(), readings.answers.new, strict=True)
    for (name, version, wave, value, is_skipped, segments, n), new in rows:
        question = by_id.get(name)
        if question is None:
            continue
        key = (name, version, wave)
        table = found.setdefault(key, QuestionCells(question, version, wave))
        if is_skipped:
            table.skipped += n
        else:
            table.cells.append((value, segments, n))
            table.new.append(new)
    have = {(name, wave) for name, _, wave in found}
    for question in asked:
        for wave in waves:
            if (question.id, wave) not in have:
                key = (question.id, question.version, wave)
                found[key] = QuestionCells(question, question.version, wave)
    order = {str(q.id): at for at, q in enumerate(asked)}
    return [found[key] for key in sorted(found, key=lambda k: (order[k[0]], k[2], k[1]))]


def is_valid(state: str) -> bool:
    """Whether a state of RC1 is a valid response."""
    return state in ("partial", "complete")


def valid_by_wave(readings: Readings) -> dict[int, int]:
    """Valid responses of each wave."""
    counts: dict[int, int] = defaultdict(int)
    for wave, state, _, n, _ in readings.responses.rows():
        if is_valid(state):
            counts[wave] += n
    return dict(sorted(counts.items()))
