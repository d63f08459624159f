"""The tables that storage fills and reports reads: what was said, grouped, up to a cut.

Columns, not rows: one list per column, all of one length, so that half a million people stay
a few thousand cells. No identity passes here. Every table is already free of withdrawn,
declined and absorbed (linked) responses unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Segments(NamedTuple):
    """Who answered, frozen with the response. Empty string: not known.

    `residence`: resident, abroad, elsewhere, visitor, other. `country`: ISO alpha-2.
    `sector`: S1…S7. `actor_type`: S1.1…; may be empty when only the sector is known.
    `channel`: that of the last counted answer.
    """

    residence: str = ""
    country: str = ""
    sector: str = ""
    actor_type: str = ""
    language: str = ""
    channel: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTable:
    """Responses by wave, state (RC1, withdrawn left out), segments.

    `n` of them began up to the cut; `new` of these began in the week of the cut, `fresh` since
    the last publication.
    States: declined, under_age, empty, partial, complete. Valid are partial and complete.
    """

    wave: list[int] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    segments: list[Segments] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    fresh: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, str, Segments, int, int]]:
        """(wave, state, segments, n, new), in the order they were filled."""
        return zip(self.wave, self.state, self.segments, self.n, self.new, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTable:
    """Distinct participants with at least one valid response, over all waves.

    `waves` is the sorted tuple of the waves they took part in; the segments are those of
    their latest response. `new`: their first valid response began in the week of the cut.
    """

    waves: list[tuple[int, ...]] = field(default_factory=list)
    segments: list[Segments] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[tuple[int, ...], Segments, int, int]]:
        """(waves, segments, n, new)."""
        return zip(self.waves, self.segments, self.n, self.new, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTable:
    """Current answers of valid responses: `n` people gave `value` to `question`.

    `value` is the tuple of codes in order; for texts, numbers and dates it is `("",)`: their
    words are in `texts`. `skipped` rows have the empty tuple. `new` of the n are of responses
    that began in the week of the cut; `fresh` were given or changed since the last publication.
    """

    question: list[str] = field(default_factory=list)
    version: list[int] = field(default_factory=list)
    wave: list[int] = field(default_factory=list)
    value: list[tuple[str, ...]] = field(default_factory=list)
    skipped: list[bool] = field(default_factory=list)
    segments: list[Segments] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    fresh: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, int, int, tuple[str, ...], bool, Segments, int]]:
        """(question, version, wave, value, skipped, segments, n)."""
        return zip(
            self.question,
            self.version,
            self.wave,
            self.value,
            self.skipped,
            self.segments,
            self.n,
            strict=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachTable:
    """How far valid responses that have not ended came: `n` whose last row is `question`.

    Last in the order of the definition, skips included. A question after it that has no row
    is `not_reached`; any other question without a row is `not_shown`.
    """

    wave: list[int] = field(default_factory=list)
    question: list[str] = field(default_factory=list)
    n: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, str, int]]:
        """(wave, question, n)."""
        return zip(self.wave, self.question, self.n, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionTable:
    """Valid responses and answers to the key questions, by what known margins count (ST3).

    `codes` are in the order of `variables`, empty where not known. Rows with an empty
    `question` are the responses themselves; the others are those who gave `value`.
    """

    variables: tuple[str, ...] = ()
    question: list[str] = field(default_factory=list)
    version: list[int] = field(default_factory=list)
    wave: list[int] = field(default_factory=list)
    value: list[tuple[str, ...]] = field(default_factory=list)
    stratum: list[str] = field(default_factory=list)
    codes: list[tuple[str, ...]] = field(default_factory=list)
    n: list[int] = field(default_factory=list)

    def rows(
        self,
    ) -> Iterator[tuple[str, int, int, tuple[str, ...], str, tuple[str, ...], int]]:
        """(question, version, wave, value, stratum, codes, n)."""
        return zip(
            self.question,
            self.version,
            self.wave,
            self.value,
            self.stratum,
            self.codes,
            self.n,
            strict=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTable:
    """Joint answers of one response to two questions (e.g. themes by support)."""

    first: str
    second: str
    wave: list[int] = field(default_factory=list)
    first_value: list[tuple[str, ...]] = field(default_factory=list)
    second_value: list[tuple[str, ...]] = field(default_factory=list)
    n: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...], int]]:
        """(wave, value of the first, value of the second — empty when not answered, n)."""
        return zip(self.wave, self.first_value, self.second_value, self.n, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelTable:
    """The same persons in two consecutive waves, same question version (RC9)."""

    question: list[str] = field(default_factory=list)
    version: list[int] = field(default_factory=list)
    wave_from: list[int] = field(default_factory=list)
    wave_to: list[int] = field(default_factory=list)
    value_from: list[tuple[str, ...]] = field(default_factory=list)
    value_to: list[tuple[str, ...]] = field(default_factory=list)
    n: list[int] = field(default_factory=list)

    def rows(
        self,
    ) -> Iterator[tuple[str, int, int, int, tuple[str, ...], tuple[str, ...], int]]:
        """(question, version, wave_from, wave_to, value_from, value_to, n)."""
        return zip(
            self.question,
            self.version,
            self.wave_from,
            self.wave_to,
            self.value_from,
            self.value_to,
            self.n,
            strict=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One open answer, in its own language, with what is needed to place and release it.

    `may_quote`: its author gave the permission. `support` and `themes` are the values that
    the same response gave to the support and themes questions (empty: none).
    """

    question: str
    version: int
    wave: int
    text: str
    language: str
    may_quote: bool
    segments: Segments
    answered_at: int
    support: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()


class CodedText(NamedTuple):
    """One open answer with what coders said of it: (coded at, coder, codes), earliest first."""

    question: str
    wave: int
    text: str
    answered_at: int
    codings: tuple[tuple[int, str, tuple[str, ...]], ...]


class RowAnswer(NamedTuple):
    """One closed answer of one response, by a name that leads nowhere. `kind`: given, skipped."""

    response: str
    wave: int
    question: str
    version: int
    kind: str
    value: str
    segments: Segments


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReply:
    """The city's current reply to a theme."""

    theme: str
    state: str
    reason: str
    unit: str
    due: str
    replied_at: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Everything a summary is made from, up to the cut `as_of` (UTC microseconds, exclusive).

    `week` is the ISO week of the cut in the city's zone, `week_start` its Monday 00:00.
    `is_running`: the week had not ended when this was read. `fingerprint` is SHA-256 over
    the sorted current answers and `as_of`. `order` is the
    place of every question. `withdrawn` maps wave to the anonymous counter.
    """

    consultation: str
    wave: int | None
    week: str
    week_start: int
    as_of: int
    is_running: bool
    fingerprint: str
    responses: ResponseTable
    persons: PersonTable
    answers: AnswerTable
    reach: ReachTable
    theme_support: PairTable | None
    panel: PanelTable
    composition: CompositionTable = field(default_factory=CompositionTable)
    order: dict[str, int] = field(default_factory=dict)
    texts: tuple[Words, ...] = ()
    withdrawn: dict[int, int] = field(default_factory=dict)
    replies: tuple[GivenReply, ...] = ()
    asked_results: int = 0
    busiest_hour: tuple[int, int] = (0, 0)
    """Answers of the week's busiest hour, and of all its other hours."""
    median_minutes: int | None = None
    """From the first word to the last of complete responses, in whole minutes."""
    coded: tuple[CodedText, ...] = ()
    """Every open answer, once somebody has coded one; else empty."""
