"""A strict Telegram Bot API on loopback: it refuses what Telegram refuses, and keeps its pace.

`BotApi` is an ASGI app and the controls of a test in one; `serving` runs it in a thread.
"""

from tests.support.telegram.judging import Refusal, judge
from tests.support.telegram.pace import TOLERATED_BURST, Pace, Violation
from tests.support.telegram.people import Person, say_in_group
from tests.support.telegram.server import BotApi, Call, serving
from tests.support.telegram.state import Bot, Message

__all__ = [
    "TOLERATED_BURST",
    "Bot",
    "BotApi",
    "Call",
    "Message",
    "Pace",
    "Person",
    "Refusal",
    "Violation",
    "judge",
    "say_in_group",
    "serving",
]
