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
    """The platform asks to wait."""

    code = "throttled"
    retryable = True
    most_attempts: int | None = None

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"The platform asks to wait {retry_after_s:g} seconds.")


class Unavailable(ChannelError):
    """The platform cannot be reached. A day's outage is waited out, at five minutes a try."""

    code = "channel_unavailable"
    retryable = True
    most_attempts: int | None = 300


class ChannelFailed(ChannelError):
    """Our own part of the channel failed on this message; others may well go."""

    code = "channel_failed"
    retryable = True


class Misconfigured(ChannelError):
    """The platform does not know us: a person has to mend secrets.env."""

    code = "token_unknown"
    retryable = True


class RecipientGone(ChannelError):
    """The person has left or blocked the channel."""

    code = "recipient_gone"


class MessageRejected(ChannelError):
    """The platform refuses the message as it is."""

    code = "message_rejected"
