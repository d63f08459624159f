"""What coders said of open answers: one row per text and coder, erased with the answer.

A coding belongs to one revision of an answer: if the person changes the text, it is uncoded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, exists, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.consultation import Consultation, QuestionType
from flows.ids import ParticipantId, QuestionId, bucket_of
from flows.readings import CodedText
from flows.weeks import week_of
from storage import tables as t
from storage.cuts import Which, find_cut, substantive_ids
from storage.errors import StorageError
from storage.keys import KeyRing
from storage.sources import Source, sources

HEX = 12


@dataclass(frozen=True, slots=True)
class OpenText:
    """One current open answer. `text_id` leads back to it here and to nobody elsewhere."""

    text_id: str
    participant: ParticipantId
    language: str
    coded: CodedText


def list_texts(
    connection: Connection, keys: KeyRing, definition: Consultation, *, zone: ZoneInfo, now: int
) -> list[OpenText]:
    """Every open answer of a valid response up to now, with its codings, oldest first."""
    which = Which(week=week_of(now, zone))
    cut = find_cut(connection, consultation=definition.id, which=which, zone=zone, now=now)
    listed = sources(connection, cut, substantive_ids(definition))
    return [
        OpenText(_text_id(keys, definition.id, participant, coded), participant, language, coded)
        for participant, language, coded in _texts(connection, definition, listed)
    ]


def read_coded(
    connection: Connection, definition: Consultation, listed: Sequence[Source]
) -> tuple[CodedText, ...]:
    """Every open answer of the cut with its codings; empty when nobody has coded anything."""
    has_any = select(exists().where(t.coding.c.consultation == definition.id))
    if not connection.scalar(has_any):
        return ()
    return tuple(coded for _, _, coded in _texts(connection, definition, listed))


def _texts(
    connection: Connection, definition: Consultation, listed: Sequence[Source]
) -> list[tuple[ParticipantId, str, CodedText]]:
    asked = [q.id for q in definition.questions if q.type is QuestionType.TEXT]
    rows = [row for source in listed for row in connection.execute(_open_answers(source, asked))]
    rows.sort(key=lambda row: (row.answered_at, row.participant, row.question))
    codings = _codings(connection, definition.id)
    return [
        (
            ParticipantId(participant),
            language,
            CodedText(
                question=question,
                wave=wave,
                text=value,
                answered_at=at,
                codings=tuple(codings[participant, wave, question, at]),
            ),
        )
        for participant, wave, question, value, at, language in rows
    ]


def _open_answers(source: Source, asked: list[QuestionId]) -> Select[Any]:
    a, v = source.answers.c, source.valid.c
    return (
        select(a.participant, a.wave, a.question, a.value, a.answered_at, v.language)
        .select_from(source.valid)
        .join(source.answers, source.of_valid())
        .where(a.question.in_(asked), a.kind == "given", a.value != "", a.loop == 0)
    )


_Key = tuple[int, int, str, int]


def _codings(
    connection: Connection, consultation: str
) -> dict[_Key, list[tuple[int, str, tuple[str, ...]]]]:
    """(coded at, coder, codes) of every text, by participant, wave, question and its time."""
    c = t.coding.c
    found: dict[_Key, list[tuple[int, str, tuple[str, ...]]]] = defaultdict(list)
    rows = connection.execute(
        select(c.participant, c.wave, c.question, c.answered_at, c.coded_at, c.coder, c.codes)
        .where(c.consultation == consultation)
        .order_by(c.coded_at, c.coder)
    )
    for participant, wave, question, answered_at, coded_at, coder, codes in rows:
        kept = tuple(codes.split("|")) if codes else ()
        found[participant, wave, question, answered_at].append((coded_at, coder, kept))
    return found


def _text_id(
    keys: KeyRing, consultation: str, participant: ParticipantId, coded: CodedText
) -> str:
    parts = (str(participant), str(coded.wave), coded.question, str(coded.answered_at))
    return keys.digest("text", consultation, *parts).hex()[:HEX]


def record_codings(
    connection: Connection,
    texts: list[OpenText],
    consultation: str,
    coder: str,
    codes: Mapping[str, tuple[str, ...]],
    now: int,
) -> int:
    """Write a coder's codes by text id; a second time replaces. Raises StorageError."""
    by_id = {text.text_id: text for text in texts}
    unknown = [name for name in codes if name not in by_id]
    if unknown:
        raise StorageError(
            f"There is no text «{unknown[0]}»: it was changed or erased. List the texts again."
        )
    rows = [
        {
            "bucket": bucket_of(text.participant),
            "participant": text.participant,
            "consultation": consultation,
            "wave": text.coded.wave,
            "question": text.coded.question,
            "coder": coder,
            "answered_at": text.coded.answered_at,
            "codes": "|".join(given),
            "coded_at": now,
        }
        for name, given in codes.items()
        for text in (by_id[name],)
    ]
    if rows:
        statement = upsert(t.coding)
        kept = {name: statement.excluded[name] for name in ("answered_at", "codes", "coded_at")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[c.name for c in t.coding.primary_key], set_=kept
            ),
            rows,
        )
    return len(rows)
