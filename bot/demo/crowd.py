"""The made-up people of the demo: who they are, when they speak and what they will say.

Pure: a seed gives the same crowd. How they speak is in `bot/demo/speaking.py`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Voices = Mapping[str, Mapping[str, object]]

DAY = 86_400_000_000
MINUTE = 60_000_000

TIES = (("RES", 62), ("RET", 6), ("MET", 3), ("VIS", 2), ("OTR", 2))
"""Ties to the city of people who live in the country, with their weights."""

ABROAD = (
    ("ES", "es", 32),
    ("US", "en", 25),
    ("CL", "es", 15),
    ("FR", "fr", 14),
    ("BR", "pt", 6),
    ("CA", "en", 3),
    ("DE", "es", 3),
    ("MX", "es", 2),
    ("PA", "es", 2),
)
"""Where emigrants live, the language some of them answer in, and how many per 300 people."""

ORGANISATIONS = (
    ("S1", "S1.2", 9),
    ("S1", "S1.3", 6),
    ("S1", "S1.4", 3),
    ("S2", "S2.2", 8),
    ("S2", "S2.3", 7),
    ("S3", "S3.1", 3),
    ("S4", "S4.1", 10),
    ("S4", "S4.2", 4),
    ("S7", "S7.3", 6),
)
"""Organisations per 300 people. S5 (media) and S6 (other governments) stay silent."""

SOURCES = ("biblioteca", "afiche-metro", "radio", "asociacion", "consulado", "")

ENDINGS = (("complete", 82), ("partial", 18))
EXTRAS = (("declined", 3), ("under_age", 1), ("empty", 2), ("withdrawn", 1))
"""Beside the valid responses, per hundred of them."""

SUPPORT = (("1", 12), ("2", 19), ("3", 17), ("4", 30), ("5", 17), ("NS", 5))
"""About three in ten are against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One made-up person. `answers` maps question ids to codes, or to one text."""

    number: int
    language: str
    source: str
    begins: int
    ending: str
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    goes_on: bool = False
    joins_registry: bool = False


class _Maker:
    """Draws people one after another from one seeded generator."""

    def __init__(
        self, rng: random.Random, voices: Voices, tags: Mapping[str, str], areas: Sequence[str]
    ) -> None:
        self.rng = rng
        self.voices = voices
        self.tags = tags
        self.areas = areas

    def weighted(self, table: Sequence[tuple[str, int]]) -> str:
        return self.rng.choices([c for c, _ in table], [w for _, w in table])[0]

    def line(self, kind: str, language: str, tag: str = "") -> str:
        """One line of the voices in the language, else in Spanish."""
        block: Mapping[str, object] = self.voices[kind]
        if tag:
            block = block[tag]  # type: ignore[assignment]  # needs have one level more
        lines = block.get(language) or block["es"]
        return str(self.rng.choice(lines))  # type: ignore[arg-type]  # a list of str in YAML

    def themes(self, is_abroad: bool) -> tuple[str, ...]:
        """Up to three themes, leaning towards water and, abroad, towards migration."""
        if self.rng.random() < 0.03:
            return ("NIN",)
        weights = {"water": 30, "safety": 24, "jobs": 26, "climate": 14, "mobility": 15}
        weights |= {"culture": 10, "migration": 45 if is_abroad else 5}
        left = {code: weights[tag] for code, tag in self.tags.items()}
        picked: list[str] = []
        for _ in range(self.rng.choice((1, 2, 3, 3, 3))):
            code = self.rng.choices(list(left), list(left.values()))[0]
            picked.append(code)
            del left[code]
        return tuple(picked)

    def core(self, language: str, *, is_abroad: bool) -> dict[str, tuple[str, ...]]:
        """What everybody is asked: need, themes, support, reason, permissions."""
        themes = self.themes(is_abroad)
        support = self.weighted(SUPPORT)
        answers = {"A10": themes, "A15": (support,)}
        if self.rng.random() < 0.6:
            tag = self.tags.get(themes[0], "water")
            answers["A13"] = (self.line("needs", language, tag),)
        if self.rng.random() < 0.55 and support in {"1", "2", "4", "5"}:
            side = "against" if support in {"1", "2"} else "favour"
            answers["A16"] = (self.line(side, language),)
        marks = [
            code
            for code, p in (("RES", 0.7), ("OLA", 0.5), ("CIT", 0.6), ("ENL", 0.4))
            if self.rng.random() < p
        ]
        answers["A22"] = tuple(marks)
        return answers

    def more(self, language: str, *, is_abroad: bool) -> dict[str, tuple[str, ...]]:
        """The three minutes after the receipt."""
        some = self.rng.sample(("COS", "POC", "LOC", "CON", "INF", "COR"), 2)
        answers = {
            "A08": (self.weighted((("SI", 35), ("NO", 55), ("NS", 10))),),
            "A09": (self.weighted((("2", 10), ("3", 20), ("4", 40), ("5", 30))),),
            "A17": tuple(some),
            "A20": (
                self.weighted((("AG1", 10), ("AG2", 25), ("AG3", 25), ("AG4", 20), ("AG5", 20))),
            ),
            "A11": tuple(self.rng.sample(("a", "b", "b", "c", "c", "e", "e", "d"), 1)),
            "A12": tuple(self.rng.sample(("VEC", "ALC", "NAM", "EUR", "ASI", "DIA"), 2)),
            "A14": (self.weighted((("1", 12), ("2", 30), ("3", 36), ("4", 22))),),
            "A21": (self.weighted((("M", 52), ("H", 43), ("X", 2), ("ND", 3))),),
            "A24": (self.weighted((("AQU", 66), ("PAI", 22), ("OTP", 9), ("ND", 3))),),
        }
        if self.rng.random() < 0.6:
            answers["A14B"] = (self.line("expectations", language),)
        if is_abroad:
            answers["A18"] = tuple(self.rng.sample(("TRM", "RET", "BEC", "ENL", "INF"), 2))
            answers["A18B"] = tuple(self.rng.sample(("SAB", "CTO", "PRO", "MEN"), 2))
        return answers

    def registry(self, language: str) -> dict[str, tuple[str, ...]]:
        """Template B: what they need, what they would give, how they tell of the city."""
        needed = self.rng.sample(("TRM", "RET", "BEC", "ENL", "CEN", "INF"), 3)
        answers = {
            "B01": (self.weighted((("NAC", 70), ("CRE", 20), ("FAM", 10))),),
            "B04": (self.weighted((("Y1", 40), ("Y6", 30), ("Y11", 30))),),
            "B11": tuple(needed),
            "B12": (needed[0],),
            "B14": (self.weighted((("OK", 20), ("PAR", 25), ("NO", 25), ("NP", 30))),),
            "B15": tuple(self.rng.sample(("SAB", "MEN", "CTO", "PRO", "ENC"), 2)),
        }
        if self.rng.random() < 0.7:
            answers["B18"] = (self.line("narrative", language),)
        if self.rng.random() < 0.5:
            answers["B13"] = (self.line("services_detail", language),)
        return answers


def make_crowd(
    *,
    people: int,
    seed: int,
    weeks: Sequence[int],
    voices: Voices,
    tags: Mapping[str, str],
    areas: Sequence[str],
) -> list[Person]:
    """`people` valid responses and the few beside them, sorted by when they begin.

    `weeks` are the Monday midnights (UTC microseconds) they are spread over; `tags` maps the
    plan's theme codes to the tags of the voices.
    """
    maker = _Maker(random.Random(seed), voices, tags, areas)  # noqa: S311 - a demo, no secret
    crowd: list[Person] = []
    kinds = _kinds(people)
    maker.rng.shuffle(kinds)
    for kind in kinds:
        ending = maker.weighted(ENDINGS) if kind[0] == "tie" else "complete"
        crowd.append(_person(maker, len(crowd) + 1, kind, weeks, ending))
    for ending, per_hundred in EXTRAS:
        for _ in range(round(people * per_hundred / 100)):
            crowd.append(_person(maker, len(crowd) + 1, ("tie", ""), weeks, ending))
    return sorted(crowd, key=lambda person: (person.begins, person.number))


def _kinds(people: int) -> list[tuple[str, ...]]:
    """The mix of the crowd: abroad and organisations by their share, residents fill up."""
    kinds: list[tuple[str, ...]] = []
    for country, language, per_300 in ABROAD:
        kinds += [("abroad", country, language)] * round(people * per_300 / 300)
    for sector, actor_type, per_300 in ORGANISATIONS:
        kinds += [("organisation", sector, actor_type)] * round(people * per_300 / 300)
    kinds = kinds[:people]
    return kinds + [("tie", "")] * (people - len(kinds))


def _person(
    maker: _Maker, number: int, kind: tuple[str, ...], weeks: Sequence[int], ending: str
) -> Person:
    """One person of a kind, beginning in one of the weeks (more in the first ones)."""
    rng = maker.rng
    is_abroad = kind[0] == "abroad"
    own = kind[2] if is_abroad else "es"
    language = own if is_abroad and rng.random() < 0.6 else "es"
    answers = maker.core(language, is_abroad=is_abroad)
    answers |= _who(maker, kind)
    goes_on = ending == "complete" and rng.random() < 0.4
    if goes_on:
        answers |= maker.more(language, is_abroad=is_abroad)
    joins = is_abroad and ending == "complete" and rng.random() < 0.45
    if joins:
        answers |= maker.registry(language)
    week = rng.choices(list(weeks), range(len(weeks) + 2, 2, -1))[0]
    begins = week + rng.randrange(5) * DAY + (12 * 60 + rng.randrange(10 * 60)) * MINUTE
    return Person(
        number=number,
        language=language,
        source=rng.choice(SOURCES),
        begins=begins,
        ending=ending,
        answers=answers,
        goes_on=goes_on,
        joins_registry=joins,
    )


def _who(maker: _Maker, kind: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Who they are: person or organisation, tie to the city, place."""
    match kind:
        case ("abroad", country, _):
            tie = maker.weighted((("EXT", 82), ("FAM", 18)))
            return {"A02": ("PER",), "A01": (tie,), "A05": (country,), "B02": (country,)}
        case ("organisation", sector, actor_type):
            area = maker.rng.choice(list(maker.areas))
            return {"A02": ("ORG",), "A03": (sector,), "A04": (actor_type,), "A07": (area,)}
        case _:
            tie = maker.weighted(TIES)
            area = maker.rng.choice(list(maker.areas))
            return {"A02": ("PER",), "A01": (tie,), "A07": (area,)}
