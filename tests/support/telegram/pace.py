"""How fast one bot may send, judged on the test's clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

TOLERATED_BURST = 1  # messages at once to one private chat; Telegram in short tolerates about 3
MESSAGES_A_SECOND = 30  # to all chats together
MESSAGES_A_MINUTE_IN_A_GROUP = 20
A_HAIR = 1e-9  # so that a wait of exactly one second is a second in floating point too

FREE = frozenset({"sendChatAction", "sendMessageDraft", "sendRichMessageDraft"})


def counts(method: str) -> bool:
    """Whether a call of this method sends a message, and so counts."""
    return method.startswith(("send", "copyMessage", "forwardMessage")) and method not in FREE


class Violation(NamedTuple):
    """A message that came too soon, which limit it broke, and how long it was told to wait."""

    at: float
    chat_id: int | None
    method: str
    limit: str
    retry_after: int


@dataclass(slots=True)
class Pace:
    """Judges every message one bot sends; a message told to wait uses up nothing."""

    now: Callable[[], float]
    burst: int = TOLERATED_BURST
    a_second: int = MESSAGES_A_SECOND
    violations: list[Violation] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    _passed: deque[float] = field(default_factory=deque)
    _private: dict[int, tuple[float, float]] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)

    def ask(self, chat_id: int | None, method: str) -> int | None:
        """None lets the message pass; a number says how many whole seconds to wait."""
        now = self.now()
        self.asked.append(now)
        waits = {
            "overall": _window_wait(self._passed, now, 1, self.a_second),
            "chat": self._chat_wait(chat_id, now),
        }
        limit = max(waits, key=lambda name: waits[name])
        if waits[limit] > A_HAIR:
            retry_after = max(1, math.ceil(waits[limit] - A_HAIR))
            self.violations.append(Violation(now, chat_id, method, limit, retry_after))
            return retry_after
        self._pass(chat_id, now)
        return None

    def use(self) -> int:
        """The highest number of messages asked for in any one second, refused ones included."""
        window: deque[float] = deque()
        highest = 0
        for at in sorted(self.asked):
            window.append(at)
            while window[0] <= at - 1 + A_HAIR:
                window.popleft()
            highest = max(highest, len(window))
        return highest

    def _tokens(self, chat_id: int, now: float) -> float:
        tokens, at = self._private.get(chat_id, (float(self.burst), now))
        return min(float(self.burst), tokens + now - at)

    def _chat_wait(self, chat_id: int | None, now: float) -> float:
        if chat_id is None:
            return 0
        if chat_id > 0:
            return max(0.0, 1 - self._tokens(chat_id, now))
        window = self._groups.setdefault(chat_id, deque())
        return _window_wait(window, now, 60, MESSAGES_A_MINUTE_IN_A_GROUP)

    def _pass(self, chat_id: int | None, now: float) -> None:
        self._passed.append(now)
        if chat_id is not None and chat_id > 0:
            self._private[chat_id] = (self._tokens(chat_id, now) - 1, now)
        elif chat_id is not None:
            self._groups[chat_id].append(now)


def _window_wait(passed: deque[float], now: float, seconds: float, most: int) -> float:
    """How long until fewer than `most` messages lie within the last `seconds`."""
    while passed and passed[0] <= now - seconds + A_HAIR:
        passed.popleft()
    return passed[len(passed) - most] + seconds - now if len(passed) >= most else 0.0
