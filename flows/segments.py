"""Who answered, as the answers themselves say it: segments and permissions."""

from __future__ import annotations

from collections.abc import Mapping

from flows.binding import BoundConsultation
from flows.consultation import QuestionType

ABROAD = "abroad"
RESIDENT = "resident"


def segments_of(
    bound: BoundConsultation, answers: Mapping[str, tuple[str, ...]], language: str
) -> dict[str, str]:
    """residence, country, sector, actor_type, area and language; only what is known."""
    found = {"language": language}
    for question in bound.definition.questions:
        values = answers.get(question.id)
        if not values or not (question.segment or question.choices):
            continue
        if question.type is QuestionType.COUNTRY:
            found["country"] = values[0]
        elif question.type is QuestionType.LOCAL_AREA:
            found["area"] = values[0]
        else:
            for code in values:
                choice = question.choice(code)
                if choice is not None and choice.sets:
                    found |= {k: v for k, v in choice.sets.items() if k != "permission"}
    return complete_segments(found, bound.instance.city.country)


def complete_segments(found: dict[str, str], home: str) -> dict[str, str]:
    """Fill in what follows: the sector of a type, residence of a country, and back."""
    segments = dict(found)
    if "sector" not in segments and segments.get("actor_type"):
        segments["sector"] = segments["actor_type"].partition(".")[0]
    if not segments.get("residence"):
        country = segments.get("country")
        actor = segments.get("actor_type")
        if country:
            segments["residence"] = RESIDENT if country == home else ABROAD
        elif actor == "S1.6":
            segments["residence"] = ABROAD
        elif actor == "S1.1" or segments.get("area"):
            segments["residence"] = RESIDENT
    if segments.get("residence") == RESIDENT and not segments.get("country") and home:
        segments["country"] = home
    return {key: value for key, value in segments.items() if value}


def permissions_of(
    bound: BoundConsultation, answers: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The purposes that the answers permit: results, invitations, quote, linking…"""
    granted = []
    for question in bound.definition.questions:
        for code in answers.get(question.id, ()):
            choice = question.choice(code)
            if choice is not None and "permission" in choice.sets:
                granted.append(choice.sets["permission"])
    return tuple(sorted(set(granted)))
