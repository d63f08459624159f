"""The clock, injected wherever time matters. UTC, integer microseconds."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> int:
        """UTC in microseconds."""

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds of this clock have passed, or a little later."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """UTC in microseconds."""
        return time.time_ns() // 1_000

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class ManualClock:
    """A clock that is set by hand."""

    at: int

    def now(self) -> int:
        """The time it was set to."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Others may set the clock meanwhile; looks again every millisecond."""
        until = self.at + int(seconds * 1_000_000)
        while self.at < until:  # noqa: ASYNC110 - whoever sets the clock tells nobody
            await asyncio.sleep(0.001)


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock that runs `speed` times as fast from `start`, alike in every process.

    For runs of hours in minutes. `zero` is the reading of `time.monotonic` at `start`.
    """

    start: int
    zero: float
    speed: float

    def now(self) -> int:
        """UTC in microseconds, on this clock."""
        return self.start + int((time.monotonic() - self.zero) * self.speed * 1_000_000)

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of this clock."""
        await asyncio.sleep(seconds / self.speed)
