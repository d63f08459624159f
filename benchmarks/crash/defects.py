"""Mistakes, put into the city's process by the harness. The product ships none of them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

from bot.delivery import Delivery
from storage import folding, taking
from storage.committer import Committer
from storage.outbox import mark_sent
from storage.turns import Committed


def acknowledge_before_commit() -> None:
    """The edge says yes, and writes afterwards."""
    submit, tasks = Committer.submit, set()

    async def at_once(self: Committer, envelope: Any) -> Committed:
        task = asyncio.create_task(submit(self, envelope))
        tasks.add(task)
        return Committed(outcome="applied")

    Committer.submit = at_once  # type: ignore[method-assign]


def arrival_order_wins() -> None:
    """Nobody asks the platform which text came first."""
    taking.kept.last_order = lambda _recent, _channel: (0, 0)
    folding.in_order = lambda updates: updates


def no_dedupe() -> None:
    """What comes again is taken for new."""

    def all_of_them(_self: Any, updates: list[Any]) -> list[Any]:
        for update in updates:
            update.key = os.urandom(16)
        return updates

    folding.Fold._dedupe = all_of_them  # type: ignore[method-assign]


def marked_sent_before_sending() -> None:
    """The note that it went out is written first."""
    deliver = Delivery._deliver

    async def marked_first(self: Delivery, row: Any) -> bool:
        now = self.clock.now()
        await self.committer.write(lambda c: mark_sent(c, [row.id], now))
        return await deliver(self, row)

    Delivery._deliver = marked_first  # type: ignore[method-assign]


def two_transactions() -> None:
    """First that it came, and in a second transaction what it does."""
    transaction = Committer._transaction
    dedupe = folding.Fold._dedupe

    def twice(self: Committer, items: Any) -> Any:
        fresh: set[bytes] = set()

        def note(fold: Any, updates: list[Any]) -> list[Any]:
            for update in dedupe(fold, updates):
                fresh.add(update.key)
                fold._accept(update, "applied")
            return []

        def go_on(_fold: Any, updates: list[Any]) -> list[Any]:
            found = [u for u in updates if u.key in fresh]
            return [u for at, u in enumerate(found) if u.key not in {x.key for x in found[:at]}]

        envelopes = [item.envelope for item in items if hasattr(item, "envelope")]
        folding.Fold._dedupe = note  # type: ignore[method-assign]
        with self.database.writer.begin() as connection:
            self._fold(connection).run(envelopes)
        time.sleep(0.02)
        folding.Fold._dedupe = go_on  # type: ignore[method-assign]
        accept, folding.Fold._accept = folding.Fold._accept, lambda *_: None
        try:
            return transaction(self, items)
        finally:
            folding.Fold._accept = accept  # type: ignore[method-assign]

    Committer._transaction = twice  # type: ignore[method-assign]


def dropped_quarantine() -> None:
    """What cannot be read is acknowledged and thrown away."""
    folding.Fold._quarantine = lambda *_: None  # type: ignore[method-assign]


DEFECTS: dict[str, Callable[[], None]] = {
    made.__name__: made
    for made in (
        acknowledge_before_commit,
        arrival_order_wins,
        no_dedupe,
        marked_sent_before_sending,
        two_transactions,
        dropped_quarantine,
    )
}
