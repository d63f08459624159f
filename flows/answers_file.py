"""Answers from paper or another system: a CSV, whole or not at all, every mistake told.

Columns: participant, question, value, other_text, answered_at, version, channel, country,
language, actor_type, source. Several values are joined by `|`. Pseudo-questions: `_start`,
`_consent`, `_age`, `_end`, `_withdraw`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.binding import BoundConsultation
from flows.cleaning import clean_text
from flows.consultation import DONT_KNOW, Question, QuestionType
from flows.errors import ImportRefused, Issue
from flows.languages import LANGUAGES
from flows.segments import complete_segments, segments_of
from flows.weeks import microseconds

COLUMNS = (
    "participant", "question", "value", "other_text", "answered_at", "version", "channel",
    "country", "language", "actor_type", "source",
)  # fmt: skip
PSEUDO = frozenset({"_start", "_consent", "_age", "_end", "_withdraw"})
SKIP = "_skip"
MOST_ROWS = 2_000_000
MOST_ISSUES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAnswer:
    """One answer or skip of the file, in the order it was given."""

    question: str
    version: int
    values: tuple[str, ...]
    other_text: str
    answered_at: int
    is_skipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedResponse:
    """A participant's rows. `state`: started, declined, under_age, accepted or withdrawn."""

    participant: str
    wave: int
    state: str
    started_at: int
    completed_at: int | None
    withdrawn_at: int | None
    answers: tuple[ImportedAnswer, ...]
    segments: Mapping[str, str]


@dataclass(slots=True)
class _Gathered:
    """The rows of one participant so far."""

    marks: dict[str, tuple[str, int]] = field(default_factory=dict)
    answers: list[tuple[int, int, ImportedAnswer]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)


def parse_answers(
    text: str, *, bound: BoundConsultation, wave: int, source: str, now: int
) -> tuple[ImportedResponse, ...]:
    """The responses of a file. Raises ImportRefused with row and column of every mistake."""
    reader = _File(bound, wave, source, now)
    for line, row in _rows(reader, text):
        reader.row(line, row)
    if reader.issues:
        raise ImportRefused(tuple(reader.issues[:MOST_ISSUES]))
    return tuple(reader.response(name, rows) for name, rows in reader.people.items())


def _rows(reader: _File, text: str) -> list[tuple[int, dict[str, str]]]:
    text = text.removeprefix("\ufeff").replace("\x00", "")
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as problem:
        reader.wrong(1, "file", f"This cannot be read as CSV ({problem}).")
        return []
    header = [name.strip().lower() for name in table[0]] if table else []
    _check_header(reader, header)
    if reader.issues:
        return []
    found = []
    for line, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            reader.wrong(
                line, "row", f"{len(cells)} cells for {len(header)} columns; quote texts."
            )
            continue
        found.append((line, dict(zip(header, cells, strict=False))))
    return found


def _check_header(reader: _File, header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            reader.wrong(1, name or "?", f"No such column. Columns are {', '.join(COLUMNS)}.")
    for name in ("participant", "question"):
        if name not in header:
            reader.wrong(1, name, "This column is missing.")


class _File:
    """Reads rows, gathers them by participant, and writes mistakes down."""

    def __init__(self, bound: BoundConsultation, wave: int, source: str, now: int) -> None:
        self.bound = bound
        self.wave = wave
        self.source = source
        self.now = now
        self.zone: ZoneInfo = bound.instance.city.time_zone
        self.issues: list[Issue] = []
        self.people: dict[str, _Gathered] = {}

    def wrong(self, line: int, column: str, sentence: str) -> None:
        where = f"{self.source} row {line}, column {column}"
        self.issues.append(Issue(code="import", where=where, sentence=sentence))

    def row(self, line: int, row: Mapping[str, str]) -> None:
        """One row into the person it belongs to."""
        name = clean_text(row.get("participant", "").strip(), 200)
        if not name:
            self.wrong(line, "participant", "Say who answered, with a code of your own.")
            return
        person = self.people.setdefault(name, _Gathered())
        at = self._time(line, row.get("answered_at", "").strip())
        person.times.append(at)
        self._columns(line, row, person)
        question_id = row.get("question", "").strip()
        value = clean_text(row.get("value", ""))
        if question_id in PSEUDO:
            self._pseudo(line, question_id, value.strip(), at, person)
            return
        question = self.bound.by_id.get(question_id)
        if question is None or question.type in (QuestionType.CONSENT, QuestionType.INFO):
            self.wrong(line, "question", f"There is no question «{question_id[:40]}» to answer.")
            return
        self._answer(line, question, row, value, at)

    def _answer(
        self, line: int, question: Question, row: Mapping[str, str], value: str, at: int
    ) -> None:
        is_skipped = value.strip() == SKIP
        values = () if is_skipped else self._values(line, question, value)
        answer = ImportedAnswer(
            question=question.id,
            version=self._version(line, row.get("version", "").strip(), question),
            values=values,
            other_text=clean_text(row.get("other_text", ""), 500),
            answered_at=at,
            is_skipped=is_skipped,
        )
        name = clean_text(row["participant"].strip(), 200)
        self.people[name].answers.append((at, line, answer))

    def _pseudo(self, line: int, name: str, value: str, at: int, person: _Gathered) -> None:
        allowed = {"_consent": ("accepted", "declined"), "_age": ("yes", "no")}.get(name)
        if allowed is None and value:
            self.wrong(line, "value", f"{name} takes no value; leave it empty.")
        if allowed is not None and value not in allowed:
            self.wrong(line, "value", f"{name} takes {' or '.join(allowed)}, not «{value[:40]}».")
        person.marks[name] = (value, at)

    def _columns(self, line: int, row: Mapping[str, str], person: _Gathered) -> None:
        """country, language, actor_type, source, channel: the last one given counts."""
        for column in ("country", "language", "actor_type", "source", "channel"):
            value = clean_text(row.get(column, "").strip(), 64)
            if not value:
                continue
            if column == "country":
                value = value.upper()
            problem = self._column_problem(column, value)
            if problem:
                self.wrong(line, column, problem)
            else:
                person.columns[column] = value

    def _column_problem(self, column: str, value: str) -> str:
        actors = self.bound.instance.actors
        if column == "country" and value not in self.bound.instance.countries:
            return f"«{value[:20]}» is no country code; use two letters such as CO."
        if column == "language" and value not in LANGUAGES:
            return f"«{value[:20]}» is no language here; use {', '.join(LANGUAGES)}."
        if column == "actor_type":
            known = {t.code for t in actors.types} | {s.code for s in actors.sectors}
            if value not in known:
                return f"«{value[:20]}» is no actor type; use S1.1 … S7.4, or a sector S1 … S7."
        return ""

    def _time(self, line: int, text: str) -> int:
        """UTC microseconds; a time without a zone is the city's, a day its noon."""
        if not text:
            return self.now
        try:
            if len(text) == 10:
                day = date.fromisoformat(text)
                when = datetime(day.year, day.month, day.day, 12, tzinfo=self.zone)
            else:
                when = datetime.fromisoformat(text)
                when = when if when.tzinfo else when.replace(tzinfo=self.zone)
            return microseconds(when)
        except (ValueError, OverflowError):
            self.wrong(line, "answered_at", f"«{text[:40]}» is no date; write 2026-10-19T10:30.")
            return self.now

    def _version(self, line: int, text: str, question: Question) -> int:
        if not text:
            return question.version
        if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 10_000):
            self.wrong(line, "version", f"«{text[:20]}» is no version; write 1, 2, 3…")
            return question.version
        return int(text)

    def _values(self, line: int, question: Question, value: str) -> tuple[str, ...]:
        if question.type in (QuestionType.TEXT, QuestionType.NUMBER, QuestionType.DATE):
            return (value.strip(),)
        several = question.type in (QuestionType.MULTI, QuestionType.RANK)
        codes = tuple(part.strip() for part in value.split("|")) if several else (value.strip(),)
        if codes == ("",):
            if question.type is not QuestionType.MULTI:
                self.wrong(line, "value", f"{question.id} has no value; write {SKIP} if skipped.")
            return ()
        self._check_codes(line, question, codes)
        return codes

    def _check_codes(self, line: int, question: Question, codes: tuple[str, ...]) -> None:
        known = self._known(question)
        unknown = [code for code in codes if code not in known]
        if unknown:
            listed = ", ".join(sorted(known)) if len(known) <= 15 else "see the definition"
            sentence = f"{question.id} has no choice «{unknown[0][:40]}». Choices: {listed}."
            self.wrong(line, "value", sentence)
        if len(set(codes)) < len(codes):
            self.wrong(line, "value", f"{question.id}: a choice is given twice.")
        most = question.max_choices
        if most is not None and len(codes) > most:
            self.wrong(line, "value", f"{question.id}: {len(codes)} choices, at most {most}.")
        alone = {c.code for c in question.choices if c.exclusive} | {DONT_KNOW}
        if len(codes) > 1 and set(codes) & alone:
            self.wrong(line, "value", f"{question.id}: {min(set(codes) & alone)} stands alone.")

    def _known(self, question: Question) -> set[str]:
        if question.type is QuestionType.COUNTRY:
            return set(self.bound.instance.countries)
        known = {choice.code for choice in question.choices}
        return known | {DONT_KNOW} if question.dont_know else known

    def response(self, name: str, rows: _Gathered) -> ImportedResponse:
        """The response that a person's rows make."""
        answers = tuple(a for _, _, a in sorted(rows.answers, key=lambda item: item[:2]))
        consent = rows.marks.get("_consent", ("accepted", 0))[0]
        age = rows.marks.get("_age", ("yes", 0))[0]
        state = "accepted"
        if consent == "declined":
            state = "declined"
        elif age == "no":
            state = "under_age"
        elif "_withdraw" in rows.marks:
            state = "withdrawn"
        return ImportedResponse(
            participant=name,
            wave=self.wave,
            state=state,
            started_at=rows.marks.get("_start", ("", min(rows.times)))[1],
            completed_at=rows.marks["_end"][1] if "_end" in rows.marks else None,
            withdrawn_at=rows.marks["_withdraw"][1] if "_withdraw" in rows.marks else None,
            answers=answers if state == "accepted" else (),
            segments=self._segments(rows, answers),
        )

    def _segments(self, rows: _Gathered, answers: tuple[ImportedAnswer, ...]) -> dict[str, str]:
        """From the answers, with the columns on top; a column's sector clears another's type."""
        given = {a.question: a.values for a in answers if not a.is_skipped}
        found = segments_of(self.bound, given, rows.columns.get("language", ""))
        columns = dict(rows.columns)
        actor = columns.pop("actor_type", "")
        if actor:
            found |= {
                "sector": actor.partition(".")[0],
                "actor_type": actor if "." in actor else "",
            }
        if (actor or "country" in columns) and not {"A01", "B01"} & given.keys():
            found.pop("residence", None)
        return complete_segments(found | columns, self.bound.instance.city.country)
