"""Mutated Telegram updates by the hundred thousand: nothing crashes, nobody is blocked.

`python -m benchmarks.payloads --count 100000`. Between them ordinary people say ordinary things;
each must be answered. Every update must end in the account, and `verify` must be content.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiogram import Bot
from sqlalchemy import Connection, func, select
from teremok.session import MockedSession

from bot.app import Application
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.edge import Edge
from bot.clock import ManualClock
from bot.instance import make_folder
from storage import tables as t
from storage.verifying import verify
from tests.support.cities import NOW
from tests.support.telegram import BotApi, Person, say_in_group

TOKEN = "5550001:made-up-token-of-the-payloads"
HOSTILE = Path(__file__).parents[1] / "tests" / "data" / "hostile_strings.json"
AT_ONCE = 100
FIRST = 900_000
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 10**40, 1.5, "", "x" * 5000, [], {}, [[]], "\ud800", "\x00",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """`failed`: updates that raised; `unanswered`: ordinary people who were not answered."""

    count: int
    outcomes: dict[str, int]
    failed: int
    unanswered: int
    unaccounted: int
    problems: int

    @property
    def is_good(self) -> bool:
        """Nothing raised, nobody was blocked, everything adds up."""
        return not (self.failed or self.unanswered or self.unaccounted or self.problems)


def real_updates() -> list[bytes]:
    """One of each kind, as the strict loopback makes them."""
    api = BotApi(now=lambda: NOW / 1e6)
    bot = api.add_bot(TOKEN, "made_up_bot")
    bot.allow(["message", "edited_message", "callback_query", "my_chat_member"])
    person = Person(bot, 4711)
    person.start("afiche")
    for text in ("HOLA", "2 1", "ATRÁS", "BORRAR", "Que el agua llegue"):
        person.say(text)
    person.edit("otra cosa")
    person.voice()
    person.photo()
    user, chat = person.user, person.chat
    message = {"message_id": 7, "date": NOW // 10**6, "chat": chat, "text": "x"}
    press = {"id": "9", "from": user, "message": message, "chat_instance": "1", "data": "A00:SI"}
    bot.enter("callback_query", press, person.id)
    say_in_group(bot, -100500, person, "hola")
    person.block()
    person.unblock()
    return [update.body for update in bot.pending]


def mutate(raw: bytes, rng: random.Random, hostile: list[str]) -> bytes:
    """The update with one to three things wrong."""
    ways: tuple[Callable[[bytes, random.Random, list[str]], bytes], ...] = (
        _flip, _cut, _swap_value, _swap_value, _hostile_text, _hostile_text, _nest, _repeat_key,
    )  # fmt: skip
    for _ in range(rng.choice((1, 1, 2, 3))):
        raw = rng.choice(ways)(raw, rng, hostile)
    return raw


def _numbered(raw: bytes, number: int) -> bytes:
    """The update under a number of its own, from one of fifty people."""
    update = json.loads(raw)
    update["update_id"] = number
    for kind in ("message", "edited_message"):
        if kind in update:
            update[kind]["message_id"] = number + 1
            if update[kind]["chat"]["type"] == "private":
                update[kind]["chat"]["id"] = update[kind]["from"]["id"] = 5000 + number % 50
    if "callback_query" in update:
        update["callback_query"]["id"] = str(number)
        update["callback_query"]["from"]["id"] = 5000 + number % 50
    return json.dumps(update, ensure_ascii=False).encode()


def _flip(raw: bytes, rng: random.Random, _hostile: list[str]) -> bytes:
    changed = bytearray(raw or b"{")
    changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(raw: bytes, rng: random.Random, _hostile: list[str]) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _swap_value(raw: bytes, rng: random.Random, hostile: list[str]) -> bytes:
    """One field gets another value, a hostile text, or goes."""
    try:
        update = json.loads(raw)
    except (ValueError, UnicodeDecodeError, RecursionError):
        return raw
    places = list(_places(update))
    if not places:
        return raw
    holder, key = rng.choice(places)
    if rng.random() < 0.2:
        del holder[key]
    elif isinstance(holder[key], str) and rng.random() < 0.6:
        holder[key] = rng.choice(hostile)
    else:
        holder[key] = rng.choice(ODD)
    return json.dumps(update, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _hostile_text(raw: bytes, rng: random.Random, hostile: list[str]) -> bytes:
    """What the person says or presses is hostile; the rest is as it should be."""
    try:
        update = json.loads(raw)
    except (ValueError, UnicodeDecodeError, RecursionError):
        return raw
    for holder, key in list(_places(update)):
        if key in ("text", "data") and isinstance(holder[key], str):
            holder[key] = rng.choice(hostile)
    return json.dumps(update).encode()


def _places(value: Any) -> Any:
    listed = value.items() if isinstance(value, dict) else ()
    for key, inner in list(listed):
        yield value, key
        yield from _places(inner)


def _nest(raw: bytes, rng: random.Random, _hostile: list[str]) -> bytes:
    deep = rng.choice((3, 100, 5000))
    return raw.replace(b'"chat": {', b'"extra": ' + b"[" * deep + b"]" * deep + b', "chat": {', 1)


def _repeat_key(raw: bytes, rng: random.Random, _hostile: list[str]) -> bytes:
    return raw.replace(b"{", b'{"update_id": %d, ' % rng.randrange(10), 1)


async def bombard(folder: Path, count: int, seed: int, shows: bool = False) -> Found:
    """Take them all in."""
    rng, hostile = random.Random(seed), _hostile_texts()
    app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    outcomes: Counter[str] = Counter()
    app.committer.on_accepted.append(lambda _c, outcome, _s: outcomes.update([outcome]))
    edge = Edge(app, Telegram(Bot(TOKEN, session=MockedSession()), app.clock))
    real, failed, unanswered, taken = real_updates(), 0, 0, 0
    for at in range(0, count, AT_ONCE):
        raws = [
            mutate(_numbered(rng.choice(real), number), rng, hostile)
            for number in range(at, min(at + AT_ONCE, count))
        ]
        done = await asyncio.gather(*(edge.take(raw) for raw in raws), return_exceptions=True)
        failed += sum(isinstance(one, BaseException) for one in done)
        await edge.take(_ordinary(at))
        taken += len(raws) + 1
        unanswered += not await app.database.read(partial(_was_answered, app=app, number=at))
        if shows and at % 2000 == 0:
            print(f"\r{at} of {count}", end="", flush=True)
    await edge.rest()
    with app.database.reading() as connection:
        inbox = connection.scalar(select(func.count()).select_from(t.inbox)) or 0
        problems = len(verify(connection, app.keys, NOW).problems)
    await app.stop()
    unaccounted = abs(taken - outcomes.total()) + abs(inbox + outcomes["duplicate"] - taken)
    return Found(count, dict(outcomes), failed, unanswered, unaccounted, problems)


def _was_answered(connection: Connection, app: Application, number: int) -> bool:
    """Whether there is a message for the ordinary person of this number."""
    participant = app.keys.participant_id("telegram", str(FIRST + number))
    written = select(t.outbox.c.id).where(t.outbox.c.participant == participant)
    return connection.scalar(written.limit(1)) is not None


def _ordinary(number: int) -> bytes:
    """Somebody new begins."""
    chat = {"id": FIRST + number, "type": "private"}
    message = {"message_id": 1, "date": NOW // 10**6, "chat": chat, "text": "HOLA"}
    return json.dumps({"update_id": 10**9 + number, "message": message}).encode()


def _hostile_texts() -> list[str]:
    listed = json.loads(HOSTILE.read_text(encoding="utf-8"))
    return [text for texts in listed.values() for text in texts]


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "city"
        make_folder(folder)
        found = asyncio.run(bombard(folder, args.count, args.seed, shows=True))
    print(f"\r{found}")
    sys.exit(not found.is_good)


if __name__ == "__main__":
    main()
