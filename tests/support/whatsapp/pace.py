"""How fast one number may send, to whom, and to how many new people a day; on the test's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

A_SECOND = 80  # both ways
PAIR_SECONDS = 6.0
DAY = 24 * 3600.0
A_HAIR = 1e-9


@dataclass(slots=True)
class Pace:
    """Judges each message; what is refused uses up nothing."""

    now: Callable[[], float]
    a_second: int = A_SECOND
    daily_people: int = 250
    violations: list[tuple[float, int]] = field(default_factory=list)
    _passed: deque[float] = field(default_factory=deque)
    _pairs: dict[str, float] = field(default_factory=dict)
    _opened: dict[str, float] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)

    def came_in(self) -> None:
        """A person's message counts as well, and is never refused."""
        self._passed.append(self.now())

    def ask(self, person: str, *, opens: bool) -> int | None:
        """None lets the message pass; a code says which limit it broke."""
        now = self.now()
        while self._passed and self._passed[0] <= now - 1 + A_HAIR:
            self._passed.popleft()
        code = None
        if now - self._pairs.get(person, -DAY) < PAIR_SECONDS - A_HAIR:
            code = 131056
        elif len(self._passed) >= self.a_second:
            code = 130429
        elif opens and not self._has_room(person, now):
            code = 131048
        if code is not None:
            self.violations.append((now, code))
            return code
        self._passed.append(now)
        self._pairs[person] = now
        self.taken.append(now)
        if opens:
            self._opened[person] = now
        return None

    def _has_room(self, person: str, now: float) -> bool:
        live = {one: at for one, at in self._opened.items() if at > now - DAY}
        return person in live or len(live) < self.daily_people
