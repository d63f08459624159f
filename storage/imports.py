"""Imported responses, written like spoken ones: revisions, states, segments, counters."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.answers_file import ImportedAnswer, ImportedResponse
from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.batch import Batch, next_outbox_id
from storage.counting import count_accepted
from storage.effects import Told
from storage.erasure import count_withdrawn, erase_consultation
from storage.keys import KeyRing
from storage.participants import add_contact, find_participants

CHANNEL = "import"
"""The channel whose addresses are the participant texts of files; nothing is sent there."""


def record_imported(
    connection: Connection,
    keys: KeyRing,
    consultation: str,
    responses: Iterable[ImportedResponse],
    week_of: Callable[[int], str],
) -> int:
    """Write the responses of a file; returns how many. The same participant text is one person."""
    listed = list(responses)
    batch = Batch(connection, keys, next_outbox_id(connection))
    contacts = {
        keys.hash("contact", CHANNEL, r.participant): (CHANNEL, r.participant) for r in listed
    }
    found = find_participants(connection, contacts)
    for key, (channel, address) in contacts.items():
        if key not in found:
            found[key] = add_contact(connection, keys, channel, address, listed[0].started_at)
    batch.load_responses(found.values())
    for response in listed:
        participant = found[keys.hash("contact", CHANNEL, response.participant)]
        _record(batch, keys, consultation, response, participant, week_of)
    batch.flush()
    return len(listed)


def _record(
    batch: Batch,
    keys: KeyRing,
    consultation: str,
    response: ImportedResponse,
    participant: ParticipantId,
    week_of: Callable[[int], str],
) -> None:
    if response.state == "withdrawn":
        _withdraw(batch, keys, consultation, response, participant, week_of)
        return
    row = batch.response(participant, consultation, response.wave, response.started_at)
    row["state"] = response.state
    row["started_at"] = min(row["started_at"], response.started_at)
    if response.state != "accepted":
        return
    row["completed_at"] = row["completed_at"] or response.completed_at
    row |= {"channel": CHANNEL, **response.segments}
    current = _current(batch.connection, participant, consultation, response.wave)
    for answer in response.answers:
        _answer(batch, keys, consultation, response, answer, participant, current)


def _answer(  # noqa: PLR0913, PLR0917 - one call, all of it needed
    batch: Batch,
    keys: KeyRing,
    consultation: str,
    response: ImportedResponse,
    answer: ImportedAnswer,
    participant: ParticipantId,
    current: dict[str, tuple[object, ...]],
) -> None:
    row = {
        "question_version": answer.version,
        "kind": "skipped" if answer.is_skipped else "given",
        "value": "|".join(answer.values),
        "other_text": answer.other_text,
    }
    same = tuple(row.values())
    if current.get(answer.question) == same:
        return
    current[answer.question] = same
    told = (consultation, str(response.wave), response.participant, answer.question)
    row |= {
        "answered_at": answer.answered_at,
        "event": keys.event_id(CHANNEL, "/".join((*told, str(answer.answered_at)))),
    }
    batch.answer((participant, consultation, response.wave, answer.question, 0), row)


def _current(
    connection: Connection, participant: ParticipantId, consultation: str, wave: int
) -> dict[str, tuple[object, ...]]:
    """What stands for each question, so that importing a file twice changes nothing."""
    a = t.answer.c
    rows = connection.execute(
        select(a.question, a.question_version, a.kind, a.value, a.other_text)
        .where(a.participant == participant, a.consultation == consultation, a.wave == wave)
        .order_by(a.revision)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _withdraw(
    batch: Batch,
    keys: KeyRing,
    consultation: str,
    response: ImportedResponse,
    participant: ParticipantId,
    week_of: Callable[[int], str],
) -> None:
    """The answers go, or never come; the anonymous counter stays, and counts once per file row."""
    at = response.withdrawn_at or response.started_at
    told = ("withdraw", consultation, str(response.wave), response.participant, str(at))
    row = {
        "bucket": bucket_of(participant),
        "key": keys.hash("inbox", CHANNEL, "/".join(told)),
        "channel": CHANNEL,
        "outcome": "applied",
        "received_at": at,
    }
    claimed = batch.connection.execute(upsert(t.inbox).values(row).on_conflict_do_nothing())
    if claimed.rowcount == 0:
        return
    count_accepted(batch.connection, [row])
    if (participant, consultation, response.wave) in batch.responses:
        batch.flush()
        who = Told(
            participant=participant,
            channel=CHANNEL,
            consultation=consultation,
            wave=response.wave,
            at=at,
            event=0,
            week_of=week_of,
        )
        erase_consultation(batch, who, counts=True)
    else:
        place = (consultation, response.wave, week_of(at))
        count_withdrawn(batch, place, bucket=bucket_of(participant), at=at)
