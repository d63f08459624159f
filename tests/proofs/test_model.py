"""A model of a conversation against the records: the engine alone must say what they say."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.model import Conversations


def test_the_records_say_what_the_model_says() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Conversations, settings=settings(max_examples=6, stateful_step_count=20, deadline=None)
    )
