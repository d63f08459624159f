"""Compares the records after all the kills with what people said."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.crash.edges import Edge
from benchmarks.crash.people import Answers, Update
from benchmarks.crash.platform import Platform
from bot.delivery import MOST_AT_ONCE
from storage.database import Database
from storage.keys import KeyRing
from storage.verifying import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`lost`: acknowledged and not in the records. `wrong`: people whose answers are not theirs.
    `double`: updates taken in more than once. `never_sent`: messages that nobody heard.
    `repeats`: copies too many; `most_repeats`: what was in flight at the kills at most.
    """

    deliveries: int
    updates: int
    kills: int
    lost: int
    wrong: int
    double: int
    never_sent: int
    repeats: int
    most_repeats: int
    unverified: int

    @property
    def is_good(self) -> bool:
        """Nothing lost, wrong, double or unsent; repeats within the bound; everything verified."""
        bad = (self.lost, self.wrong, self.double, self.never_sent, self.unverified)
        return not any(bad) and self.repeats <= self.most_repeats

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, f.name)} {f.name}" for f in fields(self))


def judge(
    platform: Platform, edge: Edge, keys: KeyRing, truths: dict[int, Answers], now: int
) -> Verdict:
    """The verdict on a run that has ended."""
    file = Path(edge.site.folder) / "tertulia.db"
    with sqlite3.connect(file) as database:
        inbox = {row[0] for row in database.execute("SELECT key FROM inbox")}
        standing = _standing(database)
        outbox = database.execute("SELECT id, participant, state FROM outbox").fetchall()
    database.close()
    expected = {_key(edge, keys, update) for update in platform.acknowledged}
    people = {int(keys.participant_id(edge.channel, str(p))): p for p in truths}
    wrong = sum(standing.get(who, {}) != truths[p] for who, p in people.items())
    wanted = Counter(edge.heard_as(number, people[who]) for number, who, _ in outbox)
    heard = edge.heard
    records = Database.open_readonly(str(file))
    with records.reading() as connection:
        problems = verify(connection, keys, now).problems
    records.close_sync()
    return Verdict(
        deliveries=platform.total,
        updates=len(expected),
        kills=platform.killed,
        lost=len(expected - inbox),
        wrong=wrong,
        double=max(0, len(inbox) - len(expected)),
        never_sent=(wanted - heard).total(),
        repeats=(heard - wanted).total(),
        most_repeats=platform.killed * MOST_AT_ONCE,
        unverified=len(problems),
    )


def _key(edge: Edge, keys: KeyRing, update: Update) -> bytes:
    return keys.hash("inbox", edge.channel, edge.external_id(update))


def _standing(database: sqlite3.Connection) -> dict[int, Answers]:
    """Participant to what stands."""
    found: dict[int, Answers] = {}
    rows = database.execute(
        "SELECT a.participant, a.question, a.kind, a.value FROM answer a JOIN current_answer c"
        " USING (bucket, participant, consultation, wave, question, loop, revision)"
        " WHERE a.kind <> 'cleared'"
    )
    for participant, question, kind, value in rows:
        told = "(skipped)" if kind == "skipped" else value
        found.setdefault(participant, {})[question] = told
    return found
