"""What a turn says, as rows of a batch: events, requests, the session and the message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from flows.events import (
    AnswerCleared,
    AnswerJoin,
    AnswerRecorded,
    AskPerson,
    Completed,
    ConsentDeclined,
    ConsentGiven,
    ContactAnswered,
    Erase,
    Event,
    OpenAnswersLink,
    PermissionsChanged,
    QuestionSkipped,
    Request,
    SegmentsChanged,
    Silence,
    Started,
    UnderAge,
)
from flows.ids import ParticipantId, bucket_of
from flows.messages import Message
from flows.session import Turn, dump_session
from storage import tables as t
from storage.batch import Batch
from storage.erasure import erase_consultation
from storage.joining import answer_join
from storage.keys import KeyRing
from storage.ledger import as_body
from storage.participants import set_permissions, silence

ANSWERS_LINK_LIFETIME = 10 * 60 * 1_000_000
_CHANGE_THE_RESPONSE = (
    Started,
    ConsentGiven,
    ConsentDeclined,
    UnderAge,
    AnswerRecorded,
    SegmentsChanged,
    Completed,
)
SEGMENT_COLUMNS = ("residence", "country", "sector", "actor_type", "area", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who a turn belongs to, and when: everything its rows need beside the turn."""

    participant: ParticipantId
    channel: str
    consultation: str
    wave: int
    at: int
    event: int
    week_of: Callable[[int], str]

    @property
    def bucket(self) -> int:
        """The participant's bucket."""
        return bucket_of(self.participant)


def apply_turn(batch: Batch, keys: KeyRing, turn: Turn, told: Told) -> tuple[int, ...]:
    """Collect everything a turn causes; returns the outbox ids of its messages."""
    is_under_age = any(isinstance(event, UnderAge) for event in turn.events)
    for request in turn.requests:
        if isinstance(request, Erase):
            batch.flush()
            erase_consultation(batch, told, counts=not is_under_age)
    for event in turn.events:
        _apply_event(batch, keys, event, told)
    for request in turn.requests:
        _apply_request(batch, keys, request, told)
    return tuple(
        batch.outbox(outbox_row(message, told))
        for message in turn.messages
        if not message.replaces_last
    )


def outbox_row(message: Message, told: Told) -> dict[str, object]:
    """A reply to a person, due at once."""
    return {
        "bucket": told.bucket,
        "participant": told.participant,
        "channel": told.channel,
        "message": msgspec.json.encode(message),
        "due_at": told.at,
    }


def _apply_event(  # noqa: C901, PLR0912, PLR0915 - one short case per event
    batch: Batch, keys: KeyRing, event: Event, told: Told
) -> None:
    response = None
    if isinstance(event, _CHANGE_THE_RESPONSE):
        response = batch.response(told.participant, told.consultation, told.wave, told.at)
    match event:
        case Started(source=source) if response is not None:
            response |= {"state": "started", "source": source, "channel": told.channel}
        case ConsentGiven() if response is not None:
            response["state"] = "accepted"
            body = msgspec.json.encode(
                {"consultation": told.consultation, "wave": told.wave, "given": event}
            ).decode()
            actor = str(told.participant)
            batch.ledger.append(told.bucket, kind="consent", at=told.at, body=body, actor=actor)
        case ConsentDeclined() if response is not None:
            response["state"] = "declined"
        case UnderAge() if response is not None:
            response |= {"state": "under_age", **dict.fromkeys(SEGMENT_COLUMNS, "")}
        case AnswerRecorded() if response is not None:
            response["channel"] = told.channel
            _record(batch, told, event, "given", "|".join(event.values), event.other_text)
        case QuestionSkipped():
            _record(batch, told, event, "skipped")
        case AnswerCleared():
            _record(batch, told, event, "cleared")
        case SegmentsChanged(values=values) if response is not None:
            response |= {name: values.get(name, "") for name in SEGMENT_COLUMNS}
        case PermissionsChanged(purposes=purposes):
            batch.flush()
            set_permissions(
                batch.connection, told.participant, told.consultation, purposes, told.at
            )
            body = as_body({"consultation": told.consultation, "purposes": sorted(purposes)})
            actor = str(told.participant)
            batch.ledger.append(told.bucket, kind="permission", at=told.at, body=body, actor=actor)
        case Completed(receipt=receipt) if response is not None:
            response |= {"completed_at": told.at, "receipt": keys.hash("receipt", receipt)}
        case ContactAnswered(question=question, values=values):
            _contact_answer(batch, keys, told, question, values)
        case _:
            pass  # LanguageChosen and AnswerRejected leave no row: the session holds them


def _record(
    batch: Batch,
    told: Told,
    event: AnswerRecorded | QuestionSkipped | AnswerCleared,
    kind: str,
    value: str = "",
    other_text: str = "",
) -> None:
    key = (told.participant, told.consultation, told.wave, event.question, event.loop)
    batch.answer(
        key,
        {
            "question_version": event.version,
            "kind": kind,
            "value": value,
            "other_text": other_text,
            "answered_at": told.at,
            "event": told.event,
        },
    )


def _contact_answer(
    batch: Batch, keys: KeyRing, told: Told, question: str, values: tuple[str, ...]
) -> None:
    place = f"contact_answer.value:{told.participant}"
    batch.add(
        t.contact_answer,
        {
            "bucket": told.bucket,
            "participant": told.participant,
            "consultation": told.consultation,
            "question": question,
            "value": keys.encrypt("|".join(values), place),
        },
    )


def _apply_request(batch: Batch, keys: KeyRing, request: Request, told: Told) -> None:
    match request:
        case Silence():
            batch.flush()
            silence(batch.connection, told.participant, told.at)
        case AskPerson():
            batch.add(
                t.ticket,
                {"bucket": told.bucket, "participant": told.participant, "asked_at": told.at},
            )
        case OpenAnswersLink(token=token):
            batch.add(
                t.answers_link,
                {
                    "key": keys.hash("answers_link", token),
                    "participant": told.participant,
                    "consultation": told.consultation,
                    "channel": told.channel,
                    "expires_at": told.at + ANSWERS_LINK_LIFETIME,
                },
            )
        case AnswerJoin(accepts=accepts):
            batch.flush()
            answer_join(batch.connection, keys, kept=told.participant, accepts=accepts, at=told.at)
        case _:
            pass  # Erase came first; Enter and SendResults are the shell's


def session_bytes(turn: Turn) -> bytes:
    """The session as it is kept."""
    return dump_session(turn.session)
