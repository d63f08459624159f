"""How a made-up person answers: reads each delivered message and says the next thing.

They speak through the loopback channel: committer, outbox and delivery, like everybody.
"""

from __future__ import annotations

from bot.channels.loopback import Loopback
from bot.demo.crowd import Person
from flows.inbound import Arrived, Body, Pressed, Said
from flows.messages import InputKind, Message

SECOND = 1_000_000
MOST_TURNS = 120
STOPS_AFTER = "A10"
"""People who do not finish stop once they have named their themes."""
CONSENT = {"declined": "NO", "under_age": "MEN"}


async def speak(person: Person, loopback: Loopback) -> int:
    """The whole conversation of a person; returns its turns."""
    address = f"persona-{person.number}"
    at = person.begins
    body: Body | None = Arrived(source=person.source)
    pressed: dict[str, list[str]] = {}
    turns = 0
    while body is not None and turns < MOST_TURNS:
        committed = await loopback.say(address, body, at=at, language=person.language)
        turns += 1
        at += 7 * SECOND
        if not committed.messages:
            break
        if committed.messages[0].replaces_last:
            message = committed.messages[0]
        else:
            message = await loopback.hear(address)
        body = next_body(person, message, pressed)
    return turns


def next_body(person: Person, message: Message, pressed: dict[str, list[str]]) -> Body | None:
    """What the person does on reading a message; None: they put the phone away."""
    if message.replies and message.replies[0].payload.startswith("!"):
        return _own(person, message)
    if message.input is InputKind.NOTHING:
        return None
    question = message.code
    if question == "A00":
        return Pressed(payload=f"A00:{CONSENT.get(person.ending, 'SI')}")
    if person.ending == "empty" or (person.ending == "partial" and STOPS_AFTER in pressed
                                    and question != STOPS_AFTER):  # fmt: skip
        return None
    if question.endswith("00"):
        return Pressed(payload=f"{question}:SI")
    return _answer(person, message, pressed)


def _own(person: Person, message: Message) -> Body | None:
    """The conversation's own questions."""
    payloads = [reply.payload for reply in message.replies]
    if payloads[0] == "!more:yes":
        return Pressed(payload=payloads[0] if person.goes_on else "!more:no")
    if payloads[0].startswith("!offer:"):
        return Pressed(payload=payloads[0] if person.joins_registry else "!offer:no")
    return Pressed(payload=payloads[0])


def _answer(person: Person, message: Message, pressed: dict[str, list[str]]) -> Body:
    question = message.code
    planned = person.answers.get(question)
    done = pressed.setdefault(question, [])
    if planned is None:
        return Said(text="SALTAR")
    if message.input is InputKind.TEXT:
        return Said(text=planned[0])
    offered = {reply.payload for reply in message.replies}
    for code in planned:
        payload = f"{question}:{code}"
        if code not in done and payload in offered:
            done.append(code)
            return Pressed(payload=payload)
    if f"{question}:!ok" in offered:
        return Pressed(payload=f"{question}:!ok")
    return Said(text=planned[0] if planned else "SALTAR")
