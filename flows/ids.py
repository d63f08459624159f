"""The ids of the domain and the bucket that every participant's rows belong to."""

from __future__ import annotations

from typing import NewType

ParticipantId = NewType("ParticipantId", int)
"""63-bit integer derived from the keyed hash of the participant's first contact point."""

ConsultationId = NewType("ConsultationId", str)
QuestionId = NewType("QuestionId", str)

BUCKETS = 1024
"""How many buckets there are: the unit of ownership among workers and of distribution."""


def bucket_of(participant: ParticipantId) -> int:
    """The bucket (0..1023) of a participant: the low ten bits of the id."""
    return participant & (BUCKETS - 1)
