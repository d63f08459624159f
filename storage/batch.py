"""One batch of the committer: what it loaded, what its turns changed, and how it is written.

Rows are collected while turns are folded and written with a few bulk statements; `flush` may
be called in between (an erasure must see what came before it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from storage import tables as t
from storage.counting import count_accepted, count_rows
from storage.keys import KeyRing
from storage.ledger import Ledger
from storage.seals import seal

Row = dict[str, Any]
ResponseKey = tuple[int, str, int]
AnswerKey = tuple[int, str, int, str, int]

RESPONSE_COLUMNS = tuple(column.name for column in t.response.columns)


class Batch:
    """Rows to be written in one transaction."""

    def __init__(self, connection: Connection, keys: KeyRing, next_outbox_id: int) -> None:
        self.connection = connection
        self.keys = keys
        self.ledger = Ledger(connection)
        self.next_outbox_id = next_outbox_id
        self.responses: dict[ResponseKey, Row] = {}
        self._dirty_responses: set[ResponseKey] = set()
        self._revisions: dict[AnswerKey, int] = {}
        self._revisions_of: set[int] = set()
        self._answers: list[Row] = []
        self._current: dict[AnswerKey, Row] = {}
        self._sessions: dict[int, Row] = {}
        self._outbox: list[Row] = []
        self._inbox: list[Row] = []
        self._added: Counter[tuple[int, str]] = Counter()
        self._others: dict[Table, list[Row]] = {}

    # -- loading ---------------------------------------------------------------------------

    def load_responses(self, participants: Iterable[int]) -> None:
        """Load the responses of these participants."""
        for ids in chunks(sorted(set(participants))):
            rows = self.connection.execute(
                select(t.response).where(
                    t.response.c.bucket.in_([bucket_of(ParticipantId(i)) for i in ids]),
                    t.response.c.participant.in_(ids),
                )
            ).mappings()
            for row in rows:
                key = (row["participant"], row["consultation"], row["wave"])
                self.responses[key] = dict(row)

    def load_revisions(self, participants: Iterable[int]) -> None:
        """Load the last revisions of everything these participants answered."""
        missing = sorted(set(participants) - self._revisions_of)
        self._revisions_of.update(missing)
        c = t.current_answer.c
        for ids in chunks(missing):
            rows = self.connection.execute(
                select(
                    c.participant, c.consultation, c.wave, c.question, c.loop, c.revision
                ).where(
                    c.bucket.in_([bucket_of(ParticipantId(i)) for i in ids]),
                    c.participant.in_(ids),
                )
            )
            for *key, revision in rows:
                self._revisions[tuple(key)] = revision

    # -- collecting ------------------------------------------------------------------------

    def response(self, participant: int, consultation: str, wave: int, at: int) -> Row:
        """The response row to change; a new one begins at `at`."""
        key = (participant, consultation, wave)
        self._dirty_responses.add(key)
        if key not in self.responses:
            self._added[bucket_of(ParticipantId(participant)), "response"] += 1
            self.responses[key] = {
                **dict.fromkeys(RESPONSE_COLUMNS, ""),
                "bucket": bucket_of(ParticipantId(participant)),
                "participant": participant,
                "consultation": consultation,
                "wave": wave,
                "state": "started",
                "started_at": at,
                "completed_at": None,
                "receipt": None,
            }
        return self.responses[key]

    def forget_response(self, key: ResponseKey) -> None:
        """After an erasure: the rows are gone."""
        self.responses.pop(key, None)
        self._dirty_responses.discard(key)
        self._revisions_of.discard(key[0])
        self._revisions = {k: v for k, v in self._revisions.items() if k[:3] != key}

    def answer(self, key: AnswerKey, row: Row) -> None:
        """The next revision of an answer."""
        self.load_revisions([key[0]])
        revision = self._revisions.get(key, -1) + 1
        self._revisions[key] = revision
        participant, consultation, wave, question, loop = key
        owned = {
            "bucket": bucket_of(ParticipantId(participant)),
            "participant": participant,
            "consultation": consultation,
            "wave": wave,
            "question": question,
            "loop": loop,
            "revision": revision,
        }
        self._answers.append({**owned, **row})
        self._added[owned["bucket"], "answer"] += 1  # type: ignore[index]  # the bucket
        self._current[key] = owned

    def session(
        self, participant: int, state: bytes, recent: bytes, version: int, at: int
    ) -> None:
        """The session after a turn, and what came last; only the last one is written."""
        self._sessions[participant] = {
            "bucket": bucket_of(ParticipantId(participant)),
            "participant": participant,
            "state": state,
            "recent": recent,
            "version": version,
            "updated_at": at,
        }

    def outbox(self, row: Row) -> int:
        """A message to be sent; its id is given at once (there is one writer)."""
        number = self.next_outbox_id
        self.next_outbox_id += 1
        self._outbox.append({"id": number, "kind": "reply", "purpose": "", **row})
        self._added[row["bucket"], "outbox"] += 1
        return number

    def inbox(self, row: Row) -> None:
        """How an accepted update ended."""
        self._inbox.append(row)

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        """A row of a table that needs nothing special."""
        self._others.setdefault(table, []).append(dict(row))

    # -- writing ---------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what was collected so far."""
        for table, rows in self._others.items():
            self.connection.execute(upsert(table).on_conflict_do_nothing(), rows)
        changed = [self.responses[key] for key in sorted(self._dirty_responses)]
        for table, listed in ((t.response, changed), (t.answer, self._answers)):
            for row in listed:
                row["seal"] = seal(self.keys, table, row)
        for statement, rows in (
            (_replace(t.response), changed),
            (insert(t.answer), self._answers),
            (_replace(t.current_answer), list(self._current.values())),
            (_replace(t.session), list(self._sessions.values())),
            (insert(t.outbox), self._outbox),
            (insert(t.inbox), self._inbox),
        ):
            if rows:
                self.connection.execute(statement, rows)
        self.ledger.flush()
        count_accepted(self.connection, self._inbox)
        count_rows(self.connection, self._added)
        self._added.clear()
        for collected in (self._others, self._dirty_responses, self._current, self._sessions):
            collected.clear()
        for listed in (self._answers, self._outbox, self._inbox):
            listed.clear()


_REPLACEMENTS: dict[Table, Any] = {}


def _replace(table: Table) -> Any:
    """INSERT … ON CONFLICT DO UPDATE of every column that is not in the key; built once."""
    if table not in _REPLACEMENTS:
        statement = upsert(table)
        keys = [column.name for column in table.primary_key.columns]
        changes = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        _REPLACEMENTS[table] = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    return _REPLACEMENTS[table]


def chunks(items: list[int], size: int = 500) -> Iterable[list[int]]:
    """Lists short enough for one IN."""
    return (items[at : at + size] for at in range(0, len(items), size))


def next_outbox_id(connection: Connection) -> int:
    """The id that the next message gets; ids of deleted messages never come back."""
    last = connection.scalar(select(func.max(t.outbox.c.id))) or 0
    row = connection.exec_driver_sql(
        "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
    ).scalar()
    return int(max(last, row or 0)) + 1
