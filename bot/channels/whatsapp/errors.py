"""Meta's codes in our words: the table of `errors.yaml`, and the waits that go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from bot.errors import (
    AccountTrouble,
    ChannelError,
    MessageRejected,
    OptedOut,
    Overloaded,
    PersonThrottled,
    RecipientGone,
    TemplateTrouble,
    WaitADay,
    WindowClosed,
)

PAIR_WAIT_S = 6.0
"""About one message in six seconds to one person (secondary source; error 131056)."""
LONGEST_PAIR_WAIT_S = 48.0
DAY_S = 24 * 3_600.0
TEMPLATE_WAIT_S = 6 * 3_600.0
"""A text that must be mended is looked at again after this; mending takes people hours."""
ACCOUNT_WAIT_S = 15 * 60.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Meta does not say how long to wait for throughput: double each time, up to a minute."""
TOO_MANY, SERVER = 429, 500


class Verdict(StrEnum):
    """What to do about an error; see errors.yaml."""

    RETRY = "retry"
    PERSON = "person"
    DAY = "day"
    NEVER = "never"
    STOP = "stop"
    REJECTED = "rejected"
    WINDOW = "window"
    BY_PHONE = "by_phone"
    TEMPLATE = "template"
    ACCOUNT = "account"


@cache
def table() -> Mapping[int, Verdict]:
    """Code to verdict."""
    text = files("bot.channels.whatsapp").joinpath("errors.yaml").read_text(encoding="utf-8")
    return {int(code): Verdict(says) for code, says in yaml.safe_load(text)["codes"].items()}


def judge(code: int | None, http_status: int = 400) -> Verdict:
    """The verdict on a code; an unknown one is judged by its HTTP status."""
    known = table().get(code) if code is not None else None
    if known is not None:
        return known
    if http_status == TOO_MANY or http_status >= SERVER:
        return Verdict.RETRY
    return Verdict.ACCOUNT if http_status in (401, 403) else Verdict.REJECTED


def error_of(verdict: Verdict, attempts: int = 0, overload_wait_s: float = 0) -> ChannelError:
    """The verdict as an error of a channel. `attempts`: how often the message was tried."""
    pair_wait = min(PAIR_WAIT_S * 2 ** min(attempts, 5), LONGEST_PAIR_WAIT_S)
    meant: Mapping[Verdict, Callable[[], ChannelError]] = {
        Verdict.RETRY: lambda: Overloaded(overload_wait_s or FIRST_WAIT_S),
        Verdict.PERSON: lambda: PersonThrottled(pair_wait),
        Verdict.BY_PHONE: lambda: PersonThrottled(pair_wait),
        Verdict.DAY: lambda: WaitADay(DAY_S),
        Verdict.NEVER: lambda: RecipientGone("WhatsApp cannot reach this person."),
        Verdict.STOP: lambda: OptedOut("The person stopped such messages in WhatsApp."),
        Verdict.WINDOW: lambda: WindowClosed("The person has not written within a day."),
        Verdict.TEMPLATE: lambda: TemplateTrouble(TEMPLATE_WAIT_S),
        Verdict.ACCOUNT: lambda: AccountTrouble(ACCOUNT_WAIT_S),
        Verdict.REJECTED: lambda: MessageRejected("WhatsApp refuses the message."),
    }
    return meant[verdict]()


class GraphError(Exception):
    """Meta refused a call: its code and HTTP status, nothing of what was sent."""

    def __init__(self, code: int | None, http_status: int) -> None:
        self.code, self.http_status = code, http_status
        super().__init__(f"Meta answered with error {code} (HTTP {http_status}).")

    @property
    def verdict(self) -> Verdict:
        """What to do about it."""
        return judge(self.code, self.http_status)
