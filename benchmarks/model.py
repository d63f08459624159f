"""A model of conversations against the records, driven by Hypothesis.

`python -m benchmarks.model --examples 300`. The model is the pure engine and a dictionary; the
records are the product's, in memory, restarted now and then. After every step both must say the
same, and `verify` must be content in the end.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from benchmarks.simulation import made_folder
from benchmarks.virtual import SECOND, VirtualClock, VirtualLoop, fresh_records, still_city
from bot.conversation import Conversation
from bot.instance import Folder, load_keys
from flows.events import AnswerCleared, AnswerRecorded, Erase, QuestionSkipped
from flows.inbound import Arrived, Body, Edited, Envelope, Inbound, Pressed, Said
from flows.messages import Message
from flows.session import Session, Stage
from storage import tables as t
from storage.turns import Committed, TurnIds
from storage.verifying import verify
from tests.support.cities import NOW

PEOPLE = ("ana", "luz")
WORDS = (
    "1", "2", "4", "2 1", "agua", "SALTAR", "ATRÁS", "no sé", "MIS RESPUESTAS", "PAUSA", "BASTA",
    "BORRAR", "sí", "IDIOMA", "AYUDA",
)  # fmt: skip
PLAIN = ("1", "2", "3 1", "agua", "4")


@cache
def _folder() -> Folder:
    return made_folder(Path(tempfile.mkdtemp()))


class Model:
    """One person as the engine alone sees them."""

    def __init__(self, conversation: Conversation, participant: int) -> None:
        self.conversation, self.participant = conversation, participant
        self.session: Session | None = None
        self.standing: dict[str, str] = {}
        self.last: Message | None = None

    def take(self, inbound: Inbound, event: int, at: int) -> None:
        ids = TurnIds(participant=self.participant, event=event, received_at=at)  # type: ignore[arg-type]
        turn = self.conversation.advance(self.session, inbound, ids)
        self.session = turn.session
        self.last = turn.messages[-1] if turn.messages else self.last
        if any(isinstance(request, Erase) for request in turn.requests):
            self.standing.clear()
        for event_ in turn.events:
            match event_:
                case AnswerRecorded(question=question, values=values):
                    self.standing[question] = "|".join(values)
                case QuestionSkipped(question=question):
                    self.standing[question] = "(skipped)"
                case AnswerCleared(question=question):
                    self.standing.pop(question, None)
                case _:
                    pass

    @property
    def is_asked(self) -> bool:
        """Whether they are in the middle of the questions, and nothing else is asked."""
        if self.session is None or self.session.active not in self.session.progress:
            return False
        progress = self.session.progress[self.session.active]
        return progress.stage is Stage.ASKING and not progress.awaits


class Conversations(RuleBasedStateMachine):
    """Two people, a platform that repeats, a city that restarts."""

    @initialize()
    def begin(self) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop, NOW)
        self.records = fresh_records()
        self.keys = load_keys(_folder().path)
        self.number = 0
        self.past: list[Envelope] = []
        self.models = {
            name: Model(
                Conversation(_folder(), self.keys, "http://x"),
                self.keys.participant_id("telegram", name),
            )
            for name in PEOPLE
        }
        self._start()

    def _start(self) -> None:
        self.app = still_city(_folder(), self.clock, self.records)
        self.loop.run_until_complete(self.app.start(delivers=False))

    def _envelope(self, name: str, body: Body) -> Envelope:
        self.number += 1
        sent = NOW + self.number * SECOND
        is_press = isinstance(body, Pressed)
        inbound = Inbound(
            channel="telegram",
            body=body,
            sent_at=sent,
            order=(sent, 0 if is_press else self.number),
        )
        return Envelope(
            channel="telegram",
            address=name,
            external_id=str(self.number),
            inbound=inbound,
            received_at=sent,
        )

    def _submit(self, *envelopes: Envelope) -> list[Committed]:
        async def submit() -> list[Committed]:
            return list(await asyncio.gather(*map(self.app.committer.submit, envelopes)))

        done = self.loop.run_until_complete(submit())
        self.past += envelopes
        return done

    def _model(self, envelope: Envelope) -> None:
        assert envelope.inbound is not None
        event = self.keys.event_id(envelope.channel, envelope.external_id)
        self.models[envelope.address].take(envelope.inbound, event, envelope.received_at)

    @rule(name=st.sampled_from(PEOPLE), source=st.sampled_from(("", "afiche")))
    def arrives(self, name: str, source: str) -> None:
        envelope = self._envelope(name, Arrived(source=source))
        self._submit(envelope)
        self._model(envelope)

    @rule(name=st.sampled_from(PEOPLE), text=st.sampled_from(WORDS))
    def says(self, name: str, text: str) -> None:
        envelope = self._envelope(name, Said(text=text))
        self._submit(envelope)
        self._model(envelope)

    @rule(name=st.sampled_from(PEOPLE), which=st.integers(0, 9))
    def presses(self, name: str, which: int) -> None:
        last = self.models[name].last
        replies = last.replies if last else ()
        yes = [r for r in replies if r.payload == "A00:SI"]
        chosen = yes or replies
        if chosen:
            payload = chosen[which % len(chosen)].payload
            envelope = self._envelope(name, Pressed(payload=payload))
            self._submit(envelope)
            self._model(envelope)

    @rule(name=st.sampled_from(PEOPLE), text=st.sampled_from(PLAIN))
    def edits(self, name: str, text: str) -> None:
        envelope = self._envelope(name, Edited(text=text))
        self._submit(envelope)
        self._model(envelope)

    @rule(
        name=st.sampled_from(PEOPLE),
        first=st.sampled_from(PLAIN),
        second=st.sampled_from(PLAIN),
        is_one_batch=st.booleans(),
    )
    def says_two_that_overtake(
        self, name: str, first: str, second: str, is_one_batch: bool
    ) -> None:
        if not self.models[name].is_asked:
            return
        sent = [self._envelope(name, Said(text=text)) for text in (first, second)]
        if is_one_batch:
            self._submit(sent[1], sent[0])
        else:
            self._submit(sent[1])
            self._submit(sent[0])
        for envelope in sent:
            self._model(envelope)

    @precondition(lambda self: self.past)
    @rule(which=st.integers(0, 10**6))
    def the_platform_repeats(self, which: int) -> None:
        again = self.past[which % len(self.past)]
        assert self._submit(again)[0].outcome == "duplicate"
        self.past.pop()

    @rule()
    def the_city_restarts(self) -> None:
        self._start()

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "models"):
            return
        a = t.answer.c
        with self.records.reading() as connection:
            rows = connection.execute(
                select(a.participant, a.question, a.kind, a.value)
                .join(t.current_answer, t.IS_CURRENT)
                .where(a.kind != "cleared")
            ).all()
            inbox = connection.scalar(select(func.count()).select_from(t.inbox))
        for model in self.models.values():
            told = {
                row.question: row.value if row.kind == "given" else "(skipped)"
                for row in rows
                if row.participant == model.participant
            }
            assert told == model.standing
        assert inbox == len(self.past)

    def teardown(self) -> None:
        if not hasattr(self, "models"):
            return
        with self.records.reading() as connection:
            connection.exec_driver_sql("COMMIT")
            assert verify(connection, self.keys, NOW).problems == ()
        self.loop.close()
        self.records.close_sync()


def main() -> None:
    """Run many examples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300)
    args = parser.parse_args()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Conversations,
        settings=settings(
            max_examples=args.examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{args.examples} conversations of up to 40 steps: the records say what the model says")


if __name__ == "__main__":
    main()
