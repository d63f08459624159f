"""A made-up crowd that grows week by week, as the readings that summaries are made from.

Pure: a seed gives the same people. Sectors and countries are of very unequal size, and not
everybody answers everything: that is where small rows come from.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flows.readings import (
    AnswerTable,
    PanelTable,
    PersonTable,
    ReachTable,
    Readings,
    ResponseTable,
    Segments,
)

SECTORS = ("", "S1", "S2", "S3", "S4", "S5", "S6", "S7")
SECTOR_WEIGHTS = (30, 600, 80, 3, 40, 1.2, 0.8, 15)
COUNTRIES = ("ES", "US", "CL", "FR", "BR", "CA", "DE", "MX", "PA", "IT", "AR", "PT", "GB", "JP")
COUNTRY_WEIGHTS = (300, 250, 120, 60, 25, 9, 8, 5, 4, 3, 3, 1.5, 1, 0.4)
LANGUAGES = ("es", "en", "fr", "pt")
THEMES = ("AGU", "SEG", "EMP", "CLI", "MOV", "CUL", "MIG")
SUPPORT = ("1", "2", "3", "4", "5", "NS")
WEEK = 7 * 86_400_000_000
Answers = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A made-up person: when they came (week 0…), who they are, what they answered."""

    week: int
    segments: Segments
    answers: Answers


def grow(people: int, weeks: int, seed: int) -> list[Somebody]:
    """The crowd; each person comes in one of the weeks and does not change their mind."""
    rng = random.Random(seed)
    return [_somebody(rng, weeks) for _ in range(people)]


def _somebody(rng: random.Random, weeks: int) -> Somebody:
    kind = rng.choices(("resident", "abroad", "visitor", "elsewhere"), (70, 26, 3, 1))[0]
    country, language = "", "es"
    if kind == "resident":
        country = "CO"
    elif kind == "abroad":
        country = rng.choices(COUNTRIES, COUNTRY_WEIGHTS)[0]
        language = rng.choices(LANGUAGES, (60, 20, 15, 5))[0]
    sector = rng.choices(SECTORS, SECTOR_WEIGHTS)[0] if kind == "resident" else "S1"
    segments = Segments(residence=kind, country=country, sector=sector, language=language)
    answers: Answers = {"A10": tuple(rng.sample(THEMES, rng.choice((1, 2, 3, 3))))}
    if rng.random() < 0.93:
        answers["A15"] = (rng.choices(SUPPORT, (12, 19, 17, 30, 17, 5))[0],)
    if rng.random() < 0.4:
        answers["A09"] = (str(rng.randint(1, 5)),)
    return Somebody(rng.randrange(weeks), segments, answers)


def readings_at(
    crowd: Sequence[Somebody], week: int, published: int, wave: int | None
) -> Readings:
    """Everything up to the end of a week; fresh is what came after the week `published`."""
    here = [person for person in crowd if person.week <= week]
    responses, persons, answers = ResponseTable(), PersonTable(), AnswerTable()
    groups: Counter[Segments] = Counter(p.segments for p in here)
    new = Counter(p.segments for p in here if p.week == week)
    fresh = Counter(p.segments for p in here if p.week > published)
    for segments, n in sorted(groups.items()):
        for table in (responses, persons):
            table.segments.append(segments)
            table.n.append(n)
            table.new.append(new[segments])
        responses.wave.append(1)
        responses.state.append("complete")
        responses.fresh.append(fresh[segments])
        persons.waves.append((1,))
    _fill(answers, here, week, published)
    return Readings(
        consultation="A", wave=wave, week=f"2026-W{week + 1:02d}", week_start=week * WEEK,
        as_of=(week + 1) * WEEK, is_running=False, fingerprint="sha256:" + "0" * 64,
        responses=responses, persons=persons, answers=answers, reach=ReachTable(),
        theme_support=None, panel=PanelTable(),
    )  # fmt: skip


def _fill(answers: AnswerTable, here: list[Somebody], week: int, published: int) -> None:
    cells: dict[tuple[str, tuple[str, ...], Segments], list[int]] = {}
    for person in here:
        for question, value in person.answers.items():
            cell = cells.setdefault((question, value, person.segments), [0, 0, 0])
            cell[0] += 1
            cell[1] += person.week == week
            cell[2] += person.week > published
    for (question, value, segments), (n, new, fresh) in sorted(cells.items()):
        answers.question.append(question)
        answers.version.append(1)
        answers.wave.append(1)
        answers.value.append(value)
        answers.skipped.append(False)
        answers.segments.append(segments)
        answers.n.append(n)
        answers.new.append(new)
        answers.fresh.append(fresh)
