"""Where people stop: the last question that a response which did not end came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """`left` responses ended at `question`; `reached` had come at least so far."""

    question: str
    reached: int
    left: int


def drop_off(last: Iterable[tuple[str, int]], order: Mapping[str, int], valid: int) -> list[Stop]:
    """One row per question where somebody stopped, in the order they are asked.

    `last`: (last question with a row, responses), of those that did not end. `valid`: all.
    """
    left: dict[str, int] = {}
    for question, n in last:
        left[question] = left.get(question, 0) + n
    stops, reached = [], valid
    for question in sorted(left, key=lambda name: order.get(name, -1)):
        stops.append(Stop(question, reached, left[question]))
        reached -= left[question]
    return stops
