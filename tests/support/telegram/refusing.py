"""What Telegram answers when it does not do what a bot asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer with `ok` false."""

    code: int
    description: str
    retry_after: int | None = None

    def body(self) -> dict[str, Any]:
        """The refusal in Telegram's shape."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


class Refused(Exception):
    """A call is refused; carries the refusal up to where it is answered."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.description)
        self.refusal = refusal

    @classmethod
    def bad(cls, reason: str) -> Refused:
        """400 with Telegram's prefix."""
        return cls.of(400, reason)

    @classmethod
    def of(cls, code: int, reason: str = "") -> Refused:
        """A refusal with this code, its usual title, and a reason."""
        title = TITLES[code]
        return cls(Refusal(code, f"{title}: {reason}" if reason else title))

    @classmethod
    def wait(cls, seconds: int) -> Refused:
        """429: ask again after so many seconds."""
        return cls(Refusal(429, f"Too Many Requests: retry after {seconds}", seconds))
