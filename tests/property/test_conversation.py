"""Random people never hang, never lose an answer, and never make the engine raise."""

from __future__ import annotations

import json
import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.cleaning import clean_text, fold
from flows.errors import ExpressionError
from flows.events import AnswerCleared, AnswerRecorded, Completed
from flows.expressions import parse_expression
from flows.inbound import Pressed, Said
from tests.support.cities import Talker, bound

CONSULTATION = bound()
HOSTILE = [
    text
    for texts in json.loads(
        (Path(__file__).parents[1] / "data" / "hostile_strings.json").read_text(encoding="utf-8")
    ).values()
    for text in texts
]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_random_people_reach_the_end_and_lose_no_answer(seed: int) -> None:
    rng = random.Random(seed)
    talk = Talker(CONSULTATION)
    message = talk(Said(text="HOLA"))
    for _ in range(200):
        if message is None or talk.events(Completed):
            break
        accepts = [r for r in message.replies if r.payload == "A00:SI"]
        if accepts or (message.replies and rng.random() < 0.8):
            message = talk(Pressed(payload=rng.choice(accepts or list(message.replies)).payload))
        else:
            message = talk(Said(text=rng.choice(["1", "2 1", "SALTAR", "agua", "ATRÁS", "no sé"])))
    else:
        raise AssertionError("never came to the end")
    standing: dict[str, tuple[str, ...]] = {}
    for turn in talk.turns:
        for event in turn.events:
            if isinstance(event, AnswerRecorded):
                standing[event.question] = event.values
            elif isinstance(event, AnswerCleared):
                del standing[event.question]
    assert {k: v for k, v in talk.answers.items() if k != "A00"} == standing


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=60), max_size=8), st.booleans())
def test_nothing_that_can_be_typed_or_pressed_raises(texts: list[str], press: bool) -> None:
    talk = Talker(CONSULTATION)
    talk(Said(text="HOLA"))
    talk(Pressed(payload="A00:SI"))
    for text in texts:
        talk(Pressed(payload=text) if press else Said(text=text))


@given(st.text())
def test_folding_and_cleaning_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="${}A01'()=<>!, andornotselected\"+-*", max_size=80))
def test_a_condition_parses_or_says_where_it_does_not(source: str) -> None:
    try:
        expression = parse_expression(source)
    except ExpressionError:
        return
    assert expression.holds({"A01": ("X",)}) in (True, False)
