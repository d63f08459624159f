"""`tertulia simulate A --people 500 --seed 7`: random people answer a definition, and none counts.

It shows before opening what `check` cannot: which questions people meet, how many screens they
see, and that nobody is left without a way on. Exit code 1 when somebody never comes to the end.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance
from bot.errors import UsageError

if TYPE_CHECKING:
    from flows.binding import BoundConsultation
    from flows.inbound import Body
    from flows.messages import Message
    from flows.session import Session

MOST_TURNS = 300
PRESSES = 0.85
"""How often a person presses a button when there is one."""
TYPED = ("agua", "1", "2 1", "SALTAR", "ATRÁS", "no sé", "hace falta trabajo")
START = 1_796_000_000_000_000
SECOND = 1_000_000


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("simulate", help=says, description=__doc__)
    parser.add_argument("consultation", metavar="ID|FILE", help="e.g. A, or a definition's file")
    parser.add_argument("--people", type=int, default=200, metavar="N", help="default: 200")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same people")
    add_instance(parser)
    parser.set_defaults(run=run)


@dataclass(slots=True)
class Walked:
    """What the random people met: screens of each, how often each question was put."""

    screens: list[int] = field(default_factory=list)
    put: Counter[str] = field(default_factory=Counter)
    stuck: int = 0


def run(args: argparse.Namespace) -> int:
    """Let them answer, and print what they met."""
    from bot.instance import find_consultation
    from flows.consultation import Part, QuestionType

    if args.people < 1:
        raise UsageError("--people needs a number of at least 1.")
    bound = find_consultation(args.consultation, args.instance)
    rng, walked = random.Random(args.seed), Walked()  # noqa: S311 - made-up people, no secret
    for _ in range(args.people):
        _walk(bound, rng, walked)
    print(f"{bound.definition.id}: {args.people} random people (made up), seed {args.seed}")
    if walked.screens:
        low, mid, high = min(walked.screens), median(walked.screens), max(walked.screens)
        print(f"  screens until the receipt  {low} to {high}, half of them at most {mid:g}")
    print(f"  never came to the end      {walked.stuck}")
    print("  until there, each question of the core was met by:")
    for question in bound.parts[Part.CORE]:
        if question.type is QuestionType.INFO:
            continue
        print(f"    {question.id:8} {walked.put[question.id] / args.people:6.1%}")
    return int(walked.stuck > 0)


def _walk(bound: BoundConsultation, rng: random.Random, walked: Walked) -> None:
    """One person, until the receipt."""
    from flows.consultation import QuestionType
    from flows.engine import advance
    from flows.events import Completed
    from flows.inbound import Arrived, Inbound
    from flows.session import Context

    consents = {q.id for q in bound.definition.questions if q.type is QuestionType.CONSENT}
    session: Session | None = None
    met: set[str] = set()
    body: Body = Arrived()
    seed = rng.getrandbits(32)
    for turn_number in range(MOST_TURNS):
        now = START + turn_number * SECOND
        inbound = Inbound(channel="simulate", body=body, sent_at=now, order=(now, turn_number))
        context = Context(now=now, seed=seed, receipt="AAA-AAA-AAA", token="t", wave=1)  # noqa: S106
        turn = advance(bound, session, inbound, context)
        session = turn.session
        met.update(message.code for message in turn.messages)
        if any(isinstance(event, Completed) for event in turn.events):
            walked.screens.append(turn_number + 1)
            break
        body = _next(rng, turn.messages[0] if turn.messages else None, consents)
    else:
        walked.stuck += 1
    walked.put.update(met)


def _next(rng: random.Random, message: Message | None, consents: Collection[str]) -> Body:
    """What the person does next: accepts, mostly presses, sometimes types."""
    from flows.inbound import Pressed, Said

    replies = message.replies if message is not None else ()
    if message is not None and message.code in consents:
        return Pressed(payload=replies[0].payload)
    if replies and rng.random() < PRESSES:
        return Pressed(payload=rng.choice(replies).payload)
    return Said(text=rng.choice(TYPED))
