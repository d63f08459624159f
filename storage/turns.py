"""What the committer and the shell say to each other about a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flows.ids import ParticipantId
from flows.inbound import Inbound, Outcome
from flows.messages import Message
from flows.session import Session, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnIds:
    """What the shell derives a turn's seed, receipt and token from."""

    participant: ParticipantId
    event: int
    received_at: int


Advance = Callable[[Session | None, Inbound, TurnIds], Turn]
"""The shell's `advance`: flows' engine with the consultation and the context chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """An update that is safe. `messages` include edits of marks, which have no outbox row."""

    outcome: Outcome
    participant: ParticipantId | None = None
    messages: tuple[Message, ...] = ()
    outbox_ids: tuple[int, ...] = ()
