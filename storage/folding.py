"""A batch of updates: dedupe, load, fold in order, collect; and quarantine for what cannot be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from flows.ids import ParticipantId, bucket_of
from flows.inbound import Envelope, Inbound, JoinAsked, ReceiptGiven, Said
from flows.session import Session, Turn, load_session
from storage import tables as t
from storage.batch import Batch, chunks
from storage.effects import Told, apply_turn, session_bytes
from storage.hearing import WINDOWED, set_heard
from storage.identities import find_people
from storage.joining import ask_to_join, find_holder
from storage.keys import KeyRing
from storage.turns import Advance, Committed, TurnIds

log = logging.getLogger(__name__)

TRIES = 3
HOUR = 3_600_000_000
OLDEST = {"telegram": 25 * HOUR, "whatsapp": 8 * 24 * HOUR}
"""Older by the platform's own time: no repeat the platform makes, so somebody's replay."""
WITHOUT_SEQUENCE = frozenset({"whatsapp"})
"""Channels whose message ids name a message and say nothing about what came first."""
CONSENT_WAVE = 0


class _TurnFailed(Exception):
    """The conversation could not take an update; names the error's type and nothing else."""


@dataclass(slots=True)
class _Accepted:
    """An update on its way through the batch."""

    at: int
    envelope: Envelope
    key: bytes
    bucket: int
    participant: ParticipantId | None = None


class Fold:
    """Folds one batch inside one transaction."""

    def __init__(
        self,
        connection: Connection,
        keys: KeyRing,
        advance: Advance,
        week_of: Callable[[int], str],
        next_outbox_id: int,
    ) -> None:
        self.connection = connection
        self.keys = keys
        self.advance = advance
        self.week_of = week_of
        self.batch = Batch(connection, next_outbox_id)
        self.sessions: dict[int, tuple[Session | None, int]] = {}

    def run(self, envelopes: Sequence[Envelope]) -> list[Committed]:
        """Fold and write the updates; the outcomes are in the order they were given."""
        outcomes: list[Committed] = [Committed(outcome="duplicate")] * len(envelopes)
        accepted = self._dedupe([self._door(at, e) for at, e in enumerate(envelopes)])
        alive = []
        for update in accepted:
            problem = _problem(update.envelope)
            if problem:
                self._quarantine(update, problem)
                outcomes[update.at] = Committed(outcome="quarantined")
            else:
                alive.append(update)
        self._find_people(alive)
        self._load(sorted({u.participant for u in alive if u.participant is not None}))
        for update in in_order(alive):
            outcomes[update.at] = self._fold_one(update)
        self.batch.flush()
        set_heard(self.connection, self._heard(alive))
        return outcomes

    @staticmethod
    def _heard(updates: list[_Accepted]) -> dict[tuple[int, str], int]:
        """When each person last wrote, on the channels where free text may not always answer."""
        heard: dict[tuple[int, str], int] = {}
        for update in updates:
            inbound, person = update.envelope.inbound, update.participant
            if update.envelope.channel in WINDOWED and inbound and person is not None:
                key = (int(person), update.envelope.channel)
                heard[key] = max(heard.get(key, 0), inbound.sent_at)
        return heard

    def _door(self, at: int, envelope: Envelope) -> _Accepted:
        key = self.keys.hash("inbox", envelope.channel, envelope.external_id)
        participant = envelope.participant
        if participant is None:
            participant = self.keys.participant_id(envelope.channel, envelope.address)
        return _Accepted(at, envelope, key, bucket_of(ParticipantId(participant)))

    def _dedupe(self, updates: list[_Accepted]) -> list[_Accepted]:
        """Leave out what was accepted before, or stands earlier in the batch."""
        seen: set[bytes] = set()
        c = t.inbox.c
        hashes = [update.key for update in updates]
        for at in range(0, len(hashes), 500):
            part = updates[at : at + 500]
            rows = self.connection.scalars(
                select(c.key).where(
                    c.bucket.in_({u.bucket for u in part}), c.key.in_([u.key for u in part])
                )
            )
            seen.update(rows)
        fresh = []
        for update in updates:
            if update.key not in seen:
                seen.add(update.key)
                fresh.append(update)
        return fresh

    def _find_people(self, updates: list[_Accepted]) -> None:
        unknown = [u.envelope for u in updates if u.envelope.participant is None]
        known = find_people(self.connection, self.keys, unknown)
        for update in updates:
            envelope = update.envelope
            if envelope.participant is not None:
                update.participant = ParticipantId(envelope.participant)
            else:
                update.participant = known[envelope.channel, envelope.address]

    def _load(self, participants: list[ParticipantId]) -> None:
        self.batch.load_responses(participants)
        self.batch.load_revisions(participants)
        c = t.session.c
        for ids in chunks([int(p) for p in participants]):
            rows = self.connection.execute(
                select(c.participant, c.state, c.version).where(
                    c.bucket.in_({bucket_of(ParticipantId(i)) for i in ids}),
                    c.participant.in_(ids),
                )
            )
            for row in rows:
                self.sessions[row.participant] = (load_session(row.state), row.version)

    def _fold_one(self, update: _Accepted) -> Committed:
        envelope, participant = update.envelope, update.participant
        assert participant is not None
        assert envelope.inbound is not None
        inbound = self._receipt_given(envelope, envelope.inbound, participant)
        event = self.keys.event_id(envelope.channel, envelope.external_id)
        ids = TurnIds(participant=participant, event=event, received_at=envelope.received_at)
        try:
            turn, outbox_ids = self._turn(inbound, ids)
        except _TurnFailed as failed:
            self._quarantine(update, f"failed: {failed}")
            return Committed(outcome="quarantined", participant=participant)
        outcome: Any = "applied" if turn.events or turn.messages or turn.requests else "ignored"
        self._accept(update, outcome)
        return Committed(
            outcome=outcome,
            participant=participant,
            messages=turn.messages,
            outbox_ids=outbox_ids,
        )

    def _turn(self, inbound: Inbound, ids: TurnIds) -> tuple[Turn, tuple[int, ...]]:
        """One turn of one person, collected in the batch; the outbox ids of its messages."""
        participant = ids.participant
        session, version = self.sessions.get(participant, (None, 0))
        turn = self._advance(session, inbound, ids)
        active = turn.session.active
        progress = turn.session.progress.get(active)
        told = Told(
            participant=participant,
            channel=inbound.channel,
            consultation=active,
            wave=progress.wave if progress else CONSENT_WAVE,
            at=ids.received_at,
            event=ids.event,
            week_of=self.week_of,
        )
        outbox_ids = apply_turn(self.batch, self.keys, turn, told)
        self.sessions[participant] = (turn.session, version + 1)
        self.batch.session(participant, session_bytes(turn), version + 1, told.at)
        return turn, outbox_ids

    def _receipt_given(
        self, envelope: Envelope, inbound: Inbound, participant: ParticipantId
    ) -> Inbound:
        """A typed receipt of somebody else's: ask them, on their channel, whether it is theirs."""
        if not isinstance(inbound.body, Said):
            return inbound
        holder = find_holder(self.connection, self.keys, inbound.body.text)
        if holder is None or holder.participant == participant:
            return inbound
        is_new = ask_to_join(
            self.connection,
            kept=holder.participant,
            absorbed=participant,
            at=envelope.received_at,
        )
        if is_new:
            self._load([p for p in [holder.participant] if p not in self.sessions])
            asked = replace(inbound, channel=holder.channel, body=JoinAsked(), order=(0, 0))
            event = self.keys.event_id(envelope.channel, f"{envelope.external_id}/join")
            ids = TurnIds(
                participant=holder.participant, event=event, received_at=envelope.received_at
            )
            self._turn(asked, ids)
        return replace(inbound, body=ReceiptGiven())

    def _advance(self, session: Session | None, inbound: Inbound, ids: TurnIds) -> Turn:
        """The turn. Raises _TurnFailed after three tries."""
        name = ""
        for _ in range(TRIES):
            try:
                return self.advance(session, inbound, ids)
            except Exception as problem:  # noqa: BLE001 - one bad update stops no batch
                name = type(problem).__name__
                log.warning("turn_failed", extra={"problem": name})
        raise _TurnFailed(name)

    def _accept(self, update: _Accepted, outcome: str) -> None:
        self.batch.inbox(
            {
                "bucket": update.bucket,
                "key": update.key,
                "channel": update.envelope.channel,
                "outcome": outcome,
                "received_at": update.envelope.received_at,
            }
        )

    def _quarantine(self, update: _Accepted, reason: str) -> None:
        envelope = update.envelope
        raw = envelope.raw or msgspec.json.encode(_storable(envelope))
        self.batch.add(
            t.quarantine,
            {
                "bucket": update.bucket,
                "key": update.key,
                "channel": envelope.channel,
                "reason": reason,
                "raw": raw,
                "received_at": envelope.received_at,
            },
        )
        self._accept(update, "quarantined")


def _storable(envelope: Envelope) -> dict[str, str]:
    """What is kept of an update that came without raw bytes."""
    said = repr(envelope.inbound.body) if envelope.inbound else envelope.problem
    return {"channel": envelope.channel, "said": said.encode("utf-8", "replace").decode()}


def _problem(envelope: Envelope) -> str:
    """Why an update goes to quarantine without being tried, or nothing."""
    if envelope.inbound is None:
        return envelope.problem or "undecodable"
    oldest = OLDEST.get(envelope.channel)
    if oldest is not None and envelope.received_at - envelope.inbound.sent_at > oldest:
        return "too_old"
    return ""


def in_order(updates: list[_Accepted]) -> list[_Accepted]:
    """Texts of one person in the platform's order; presses stay where they arrived."""
    texts: dict[int | None, list[_Accepted]] = {}
    for update in updates:
        if _is_text(update):
            texts.setdefault(update.participant, []).append(update)
    for listed in texts.values():
        listed.sort(key=_place)
    queues = {participant: iter(listed) for participant, listed in texts.items()}
    return [next(queues[u.participant]) if _is_text(u) else u for u in updates]


def _place(update: _Accepted) -> tuple[int, ...]:
    """Where a text stands; ids that do not count upwards leave a tie to the arrival."""
    inbound = update.envelope.inbound
    assert inbound is not None
    return inbound.order[:1] if update.envelope.channel in WITHOUT_SEQUENCE else inbound.order


def _is_text(update: _Accepted) -> bool:
    inbound = update.envelope.inbound
    return inbound is not None and isinstance(inbound.body, Said)
