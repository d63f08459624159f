"""Made-up people: what each says, in what order, and what must stand in the end.

The truth is folded by the pure engine alone, in the order in which it was sent; no record, batch
or delivery has a part in it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from bot.conversation import Conversation
from flows.events import AnswerCleared, AnswerRecorded, QuestionSkipped
from flows.inbound import Arrived, Body, Inbound, Pressed, Said
from flows.session import Session
from storage.keys import KeyRing
from storage.turns import TurnIds
from tests.support.cities import NOW

SECOND = 1_000_000
Answers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Update:
    """One thing a person does. `body` None is something that nobody can read."""

    person: int
    number: int
    body: Body | None

    @property
    def name(self) -> str:
        """Its id at the platform."""
        return f"{self.person}/{self.number}"

    @property
    def sent_at(self) -> int:
        """When the person sent it, in microseconds."""
        return NOW + self.number * SECOND

    @property
    def is_text(self) -> bool:
        """Whether it may overtake others: only texts have a place given by the platform."""
        return isinstance(self.body, Said)

    def inbound(self, channel: str) -> Inbound | None:
        """As a channel tells it."""
        if self.body is None:
            return None
        is_press = isinstance(self.body, Pressed)
        order = (self.sent_at, 0 if is_press else self.number)
        return Inbound(channel=channel, body=self.body, sent_at=self.sent_at, order=order)


def script(person: int, rng: random.Random) -> list[Update]:
    """Begin, consent, and then everything typed in one breath; some change their mind."""
    themes = " ".join(str(n) for n in rng.sample(range(1, 6), 2))
    texts = ["1", f"Que el agua llegue {person}", themes, str(rng.randint(1, 5))]
    if rng.random() < 0.3:
        texts += ["ATRÁS", str(rng.randint(1, 5))]
    texts += [f"Primero el acueducto {person}", str(rng.randint(1, 3))]
    bodies: list[Body | None] = [Arrived(source="afiche"), Pressed(payload="A00:SI")]
    bodies += [Said(text=text) for text in texts]
    if rng.random() < 0.05:
        bodies.append(None)
    return [Update(person, number, body) for number, body in enumerate(bodies, start=1)]


def truth(conversation: Conversation, keys: KeyRing, channel: str, said: list[Update]) -> Answers:
    """What must stand of what one person said, by the engine alone."""
    participant = keys.participant_id(channel, str(said[0].person))
    session: Session | None = None
    standing: Answers = {}
    for update in said:
        inbound = update.inbound(channel)
        if inbound is None:
            continue
        ids = partial(TurnIds, participant=participant, event=update.number)
        turn = conversation.advance(session, inbound, ids(received_at=update.sent_at))
        session = turn.session
        for event in turn.events:
            match event:
                case AnswerRecorded(question=question, values=values):
                    standing[question] = "|".join(values)
                case QuestionSkipped(question=question):
                    standing[question] = "(skipped)"
                case AnswerCleared(question=question):
                    standing.pop(question, None)
                case _:
                    pass
    return standing
