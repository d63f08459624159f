"""What can go wrong in the shell: with the folder, and with a channel."""

from __future__ import annotations

from flows.errors import TertuliaError


class InstanceError(TertuliaError):
    """The instance folder is not one."""

    code = "instance"


class UsageError(TertuliaError):
    """The command was not given what it needs."""

    code = "usage"


class ChannelError(TertuliaError):
    """A channel did not take a message. `most_attempts`: then it is given up (None: never)."""

    code = "channel"
    most_attempts: int | None = 10


class Throttled(ChannelError):
    """The platform asks to wait.

    `is_personal`: only this person's messages wait. `probes`: the platform does not say how long,
    so the first message after the wait goes alone.
    """

    code = "throttled"
    retryable = True
    most_attempts: int | None = None
    is_personal = False
    probes = False

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"The platform asks to wait {retry_after_s:g} seconds.")


class Overloaded(Throttled):
    """The platform takes no more for now, and does not say for how long."""

    probes = True


class PersonThrottled(Throttled):
    """Too many messages to this person; others are not concerned."""

    code = "person_throttled"
    is_personal = True


class WaitADay(PersonThrottled):
    """The platform protects this person, or the city's reputation, from more today."""

    code = "wait_a_day"
    most_attempts = 3


class DailyLimit(PersonThrottled):
    """So many new people were written to today that the platform takes no more."""

    code = "daily_limit"


class TemplateTrouble(PersonThrottled):
    """The approved text was refused, paused or is missing: somebody must mend it."""

    code = "template_trouble"
    most_attempts = 8


class AccountTrouble(Throttled):
    """The city's account was restricted, or its token or payment has ended."""

    code = "account_trouble"
    probes = True


class Unavailable(ChannelError):
    """The platform cannot be reached."""

    code = "channel_unavailable"
    retryable = True


class Misconfigured(ChannelError):
    """The platform does not know us: a person has to mend secrets.env."""

    code = "token_unknown"
    retryable = True


class FateUnknown(Unavailable):
    """The connection broke after the message was handed over: it may have gone out."""

    code = "fate_unknown"


class RecipientGone(ChannelError):
    """The person has left or blocked the channel."""

    code = "recipient_gone"


class MessageRejected(ChannelError):
    """The platform refuses the message as it is."""

    code = "message_rejected"


class WindowClosed(ChannelError):
    """The person has not written for so long that free text is refused; nothing else is there."""

    code = "window_closed"


class OptedOut(ChannelError):
    """The person told the platform to stop such messages: nothing unasked any more."""

    code = "opted_out"
