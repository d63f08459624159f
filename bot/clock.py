"""The clock, injected wherever time matters. UTC, integer microseconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> int:
        """UTC in microseconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """UTC in microseconds."""
        return time.time_ns() // 1_000


@dataclass(slots=True)
class ManualClock:
    """A clock that is set by hand."""

    at: int

    def now(self) -> int:
        """The time it was set to."""
        return self.at
