"""Numbers for a monitor, in Prometheus' text format; none is about a person or a chat.

Counters are of this process; the gauges are read from the records when somebody asks.
"""

from __future__ import annotations

from functools import partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from bot.clock import Clock
from storage.database import Database
from storage.health import measure

BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
MICRO = 1_000_000
disable_created_metrics()  # type: ignore[no-untyped-call]  # its own


class Metrics:
    """Counts what happens; `text` adds what the records say."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.registry = registry = CollectorRegistry()
        self._accepted = Counter(
            "inbox_accepted", "Updates accepted", ["channel"], registry=registry
        )
        self._duplicates = Counter(
            "inbox_duplicates", "Updates that came again", registry=registry
        )
        self._applied = Counter(
            "updates_applied", "How accepted updates ended", ["outcome"], registry=registry
        )
        self._ack = Histogram(
            "ack_seconds", "From an update to its commit", buckets=BUCKETS_S, registry=registry
        )
        self._sent = Counter(
            "send", "Messages by how sending ended", ["channel", "result"], registry=registry
        )
        self._reply = Histogram(
            "e2e_reply_seconds",
            "From an update to the channel having taken the reply",
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._gauges()
        self._last_at: dict[str, int] = {}

    def _gauges(self) -> None:
        registry = self.registry
        self._writable = Gauge(
            "records_writable", "1: the last write succeeded", registry=registry
        )
        self._quarantine = Gauge("quarantine_size", "Updates in quarantine", registry=registry)
        self._oldest = Gauge(
            "outbox_oldest_seconds",
            "Age of the oldest message that is due",
            ["channel", "prio"],
            registry=registry,
        )
        self._gap = Gauge(
            "gap_seconds", "Since the channel's last update", ["channel"], registry=registry
        )
        self._erasure = Gauge(
            "erasure_due_seconds", "How long a withdrawal has waited", registry=registry
        )
        self._head = Gauge(
            "audit_head_age_seconds", "Since the last daily head of the chains", registry=registry
        )

    def accepted(self, channel: str, outcome: str, seconds: float) -> None:
        """An update was submitted and is safe."""
        self._ack.observe(seconds)
        self._last_at[channel] = self.clock.now()
        if outcome == "duplicate":
            self._duplicates.inc()
        else:
            self._accepted.labels(channel).inc()
            self._applied.labels(outcome).inc()

    def sent(self, channel: str, result: str, waited: int | None) -> None:
        """A message was tried; `waited` in microseconds when it was a reply's first attempt."""
        self._sent.labels(channel, result).inc()
        if waited is not None:
            self._reply.observe(max(waited, 0) / MICRO)

    async def text(self, database: Database, *, can_write: bool) -> bytes:
        """Everything, in the text format."""
        now = self.clock.now()
        health = await database.read(partial(measure, now=now))
        self._writable.set(can_write)
        self._quarantine.set(health.quarantined)
        self._oldest.clear()
        for (channel, kind), age in health.oldest_due.items():
            self._oldest.labels(channel, kind).set(age / MICRO)
        for channel, at in self._last_at.items():
            self._gap.labels(channel).set((now - at) / MICRO)
        self._erasure.set(health.erasure_due / MICRO)
        if health.head_age is not None:
            self._head.set(health.head_age / MICRO)
        return generate_latest(self.registry)
