"""`make backlog`: 100,000 WhatsApp messages on virtual time: how much of the allowed pace is used.

Real records, real delivery and pacer; the platform is the loopback's judge, called in the
process, on a clock set by hand that goes on to the next moment at which something may be sent.
Every answer takes 50 ms, as over a network: that is what the pacer's caution costs.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import deque
from pathlib import Path

import msgspec
from sqlalchemy import Connection, func, insert, select

from bot.app import Application
from bot.channels.base import CAPABILITIES
from bot.channels.whatsapp.channel import PER_SECOND
from bot.channels.whatsapp.errors import PAIR_WAIT_S
from bot.clock import ManualClock
from bot.delivery import Delivery
from bot.errors import Overloaded, PersonThrottled
from bot.instance import make_folder
from bot.pace import SECOND
from flows.ids import ParticipantId, bucket_of
from flows.messages import Message
from storage import tables as t
from storage.dispatches import Dispatch
from storage.outbox import OutboxRow
from tests.support.cities import NOW
from tests.support.whatsapp.pace import Pace

ANSWER_S = 0.05
SAID = msgspec.json.encode(Message(text="x", language="es", code="A13"))


class Judged:
    """WhatsApp's pace without its network."""

    name = "whatsapp"
    capabilities = CAPABILITIES["whatsapp"]
    per_second = PER_SECOND
    per_person_seconds = PAIR_WAIT_S

    def __init__(self, clock: ManualClock, answers: deque[tuple[int, asyncio.Event]]) -> None:
        self.clock, self.answers = clock, answers
        self.pace = Pace(lambda: clock.now() / SECOND)
        self.taken = 0

    def split(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    def parts(self, row: OutboxRow) -> tuple[Message, ...]:
        return (row.message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        raise AssertionError("the delivery dispatches on a tracked channel")

    async def dispatch(self, row: OutboxRow, part: Message) -> Dispatch:
        code = self.pace.ask(row.address, opens=False)
        answered = asyncio.Event()
        self.answers.append((self.clock.now() + int(ANSWER_S * SECOND), answered))
        await answered.wait()
        if code is not None:
            raise Overloaded(1) if code == 130429 else PersonThrottled(6)
        self.taken += 1
        return Dispatch(platform_id=str(row.id))


def fill(connection: Connection, app: Application, messages: int, each: int) -> None:
    """So many due replies, `each` to a person."""
    people = [
        ParticipantId(((n * 2_654_435_761) << 10 | n % 1024) % 2**62)
        for n in range(messages // each)
    ]
    sealed = [
        app.keys.encrypt(f"57{n:010d}", f"contact_point.address:{p}") for n, p in enumerate(people)
    ]
    points = [
        {
            "bucket": bucket_of(p),
            "participant": p,
            "channel": "whatsapp",
            "address": a,
            "created_at": NOW,
        }
        for p, a in zip(people, sealed, strict=True)
    ]
    connection.execute(insert(t.contact_point), points)
    rows = [
        {
            "bucket": bucket_of(p),
            "participant": p,
            "channel": "whatsapp",
            "message": SAID,
            "due_at": NOW,
        }
        for _ in range(each)
        for p in people
    ]
    connection.execute(insert(t.outbox), rows)


async def drain(app: Application, messages: int, each: int) -> tuple[Judged, float]:
    """Send everything; returns the judge and the virtual seconds it took."""
    clock = app.clock
    assert isinstance(clock, ManualClock)
    answers: deque[tuple[int, asyncio.Event]] = deque()
    judged = Judged(clock, answers)
    await app.start(delivers=False)
    await app.committer.write(lambda c: fill(c, app, messages, each))
    delivery = Delivery(app.database, app.keys, app.committer, {"whatsapp": judged}, clock)
    tasks: set[asyncio.Task[bool]] = set()
    pacer = delivery._pacers["whatsapp"]
    while judged.taken < messages:
        tasks |= set(await delivery._launch())
        await asyncio.sleep(0)
        times = [pacer.next_at(clock.now())] + [at for at, _ in list(answers)[:1]]
        later = [at for at in times if at > clock.now()]
        if later:
            clock.at = min(later)
        while answers and answers[0][0] <= clock.now():
            answers.popleft()[1].set()
        while len(tasks) > len(answers):  # what is written down takes milliseconds, not seconds
            await asyncio.sleep(0.0005)
            tasks = {task for task in tasks if not task.done()}
    await asyncio.gather(*tasks)
    return judged, (clock.now() - NOW) / SECOND


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=2)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as parent:
        make_folder(Path(parent) / "city")
        app = Application.at(Path(parent) / "city", clock=ManualClock(NOW))

        async def run() -> tuple[Judged, float, int]:
            judged, seconds = await drain(app, given.messages, given.each)
            state = select(func.count()).where(t.outbox.c.state == "sent")
            sent = await app.database.read(lambda c: c.scalar(state) or 0)
            await app.stop()
            return judged, seconds, sent

        judged, seconds, sent = asyncio.run(run())
    rate = judged.taken / seconds
    print(f"{sent} sent in {seconds:.0f} virtual seconds: {rate:.1f} a second, "
          f"{100 * rate / PER_SECOND:.1f} % of {PER_SECOND:g}")  # fmt: skip
    print(f"refused for their pace: {len(judged.pace.violations)}")
    print(f"took {time.monotonic() - began:.0f} s")
    assert not judged.pace.violations
    assert sent == given.messages
    assert rate >= 0.95 * PER_SECOND


if __name__ == "__main__":
    main()
