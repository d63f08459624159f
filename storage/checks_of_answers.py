"""Checks of what people answered and the city published, against seals and the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, func, select

from storage import tables as t
from storage.account_tables import ledger as ledger_table
from storage.account_tables import tombstone
from storage.imports import CHANNEL as IMPORTED
from storage.keys import KeyRing
from storage.publications import publication_body
from storage.replies import reply_body
from storage.seals import SEALED, seal

Check = Callable[..., Iterator[str]]
_KEY = ("participant", "consultation", "wave", "question", "loop")


def seals(connection: Connection, *, keys: KeyRing, **_: Any) -> Iterator[str]:
    """Every answer and response is as it was written."""
    for table in SEALED:
        for row in connection.execute(select(table)).mappings():
            if seal(keys, table, dict(row)) != row["seal"]:
                names = [name for name in (*_KEY, "revision") if name in row]
                told = ", ".join(f"{name} {row[name]}" for name in names)
                yield f"{table.name} of {told}: it was changed after it was written."


def revisions(connection: Connection, **_: Any) -> Iterator[str]:
    """The pointer of each answer points at its last revision, and none is missing between."""
    a, c = t.answer.c, t.current_answer.c
    keys = [a[name] for name in ("bucket", *_KEY)]
    last = (
        select(*keys, func.max(a.revision).label("last"), func.count().label("n"))
        .group_by(*keys)
        .subquery()
    )
    same = and_(*(last.c[name] == c[name] for name in ("bucket", *_KEY)))
    pointed = select(last, c.revision).outerjoin(t.current_answer, same)
    for row in connection.execute(pointed).mappings():
        if row["n"] != row["last"] + 1:
            yield f"{_named(row)}: {row['n']} revisions, the last is number {row['last']}."
        if row["revision"] != row["last"]:
            yield f"{_named(row)}: {row['revision']} is said to stand, {row['last']} is the last."
    dangling = select(t.current_answer).outerjoin(last, same).where(last.c.last.is_(None))
    for row in connection.execute(dangling).mappings():
        yield f"{_named(row)}: the answer that stands is missing."


def _named(row: Any) -> str:
    return (
        f"{row['consultation']} wave {row['wave']} {row['question']}"
        f" of participant {row['participant']}"
    )


def responses(connection: Connection, **_: Any) -> Iterator[str]:
    """Answers belong to an accepted response, a response to a conversation."""
    a, r, s = t.answer.c, t.response.c, t.session.c
    orphans = (
        select(a.participant, a.consultation, a.wave)
        .distinct()
        .outerjoin(t.response, t.OF_RESPONSE)
        .where(func.coalesce(r.state, "") != "accepted")
    )
    for row in connection.execute(orphans):
        yield (
            f"{row.consultation} wave {row.wave} of participant {row.participant}:"
            " answers without an accepted response."
        )
    d, point = tombstone.c, t.contact_point.c
    spoke = select(point.participant).where(point.channel != IMPORTED)
    for owner, where in (
        (r, and_(r.channel != IMPORTED, r.channel != "")),
        (d, d.participant.in_(spoke)),
    ):
        silent = (
            select(owner.participant)
            .distinct()
            .outerjoin(
                t.session, and_(s.bucket == owner.bucket, s.participant == owner.participant)
            )
            .where(s.participant.is_(None), where)
        )
        for participant in connection.scalars(silent):
            yield f"participant {participant} took part, and the conversation is gone."


def consents(connection: Connection, **_: Any) -> Iterator[str]:
    """Who is counted gave consent, and who gave consent is counted or has withdrawn."""
    given: dict[tuple[int, str, int], int] = {}
    for link in _links(connection, "consent"):
        body = msgspec.json.decode(link.body)
        given[int(link.actor), body["consultation"], body["wave"]] = link.at
    r, d = t.response.c, tombstone.c
    rows = connection.execute(
        select(r.participant, r.consultation, r.wave, r.state, r.channel, r.completed_at)
    ).all()
    for row in rows:
        key = (row.participant, row.consultation, row.wave)
        needs = row.state == "accepted" and row.channel != IMPORTED
        if needs and key not in given:
            yield f"{key[1]} wave {key[2]} of participant {key[0]}: accepted without consent."
    there = {(row.participant, row.consultation, row.wave) for row in rows}
    erased = {
        (row.participant, row.consultation): row.erased_at
        for row in connection.execute(select(d.participant, d.consultation, d.erased_at))
    }
    for key, at in sorted(given.items()):
        if key not in there and erased.get(key[:2], -1) < at:
            yield f"{key[1]} wave {key[2]} of participant {key[0]}: consent given, no response."


def permissions(connection: Connection, **_: Any) -> Iterator[str]:
    """What each permits is what they last said."""
    told: dict[tuple[int, str], set[str]] = {}
    for link in _links(connection, "permission"):
        body = msgspec.json.decode(link.body)
        told[int(link.actor), body["consultation"]] = set(body["purposes"])
    d, p = tombstone.c, t.permission.c
    gone = {
        (row.participant, row.consultation)
        for row in connection.execute(select(d.participant, d.consultation))
    }
    found: dict[tuple[int, str], set[str]] = {}
    for row in connection.execute(select(p.participant, p.consultation, p.purpose)):
        found.setdefault((row.participant, row.consultation), set()).add(row.purpose)
    for key in sorted(told.keys() | found.keys()):
        has = found.get(key, set())
        if has != told.get(key, set()) and not (key in gone and not has):
            yield f"{key[1]} of participant {key[0]}: not the permissions that were given."


def withdrawn(connection: Connection, **_: Any) -> Iterator[str]:
    """The anonymous counters come to what the ledger says."""
    told: Counter[tuple[str, int, str]] = Counter()
    for link in _links(connection, "withdrawn"):
        body = msgspec.json.decode(link.body)
        told[body["consultation"], body["wave"], body["week"]] += body["n"]
    found = {
        (row.consultation, row.wave, row.week): row.n
        for row in connection.execute(select(t.withdrawn_count))
    }
    for key in sorted(told.keys() | found.keys()):
        if found.get(key, 0) != told[key]:
            where = f"{key[0]} wave {key[1]}, {key[2]}"
            yield f"{where}: {found.get(key, 0)} counted, {told[key]} have withdrawn."


def published(connection: Connection, **_: Any) -> Iterator[str]:
    """Publications are those of the ledger, byte for byte; what was told last of each counts."""
    last: dict[tuple[str, int, int], str] = {}
    for link in _links(connection, "publication"):
        body = msgspec.json.decode(link.body)
        last[body["consultation"], body["wave"], body["number"]] = link.body
    told = set(last.values())
    rows = {publication_body(row) for row in connection.execute(select(t.publication))}
    yield from (f"{body}: not what was published." for body in sorted(rows - told))
    yield from (f"{body}: published, and not there." for body in sorted(told - rows))


def replied(connection: Connection, **_: Any) -> Iterator[str]:
    """The city's replies are those of the ledger, word for word."""
    told = {link.body for link in _links(connection, "reply") if "sha256:" in link.body}
    rows = {reply_body(row) for row in connection.execute(select(t.reply))}
    yield from (f"{body}: not what was replied." for body in sorted(rows - told))
    yield from (f"{body}: replied, and not there." for body in sorted(told - rows))


def joined(connection: Connection, **_: Any) -> Iterator[str]:
    """Who was joined to whom is what was agreed."""
    told: dict[int, int] = {}
    for link in sorted(_links(connection, "joined"), key=lambda link: int(link.at)):
        body = msgspec.json.decode(link.body)
        told = {
            absorbed: body["kept"] if kept == body["absorbed"] else kept
            for absorbed, kept in told.items()
        }
        told[body["absorbed"]] = body["kept"]
    rows = {row.absorbed: row.kept for row in connection.execute(select(t.participant_link))}
    for absorbed in sorted(told.keys() | rows.keys()):
        if told.get(absorbed) != rows.get(absorbed):
            yield f"participant {absorbed} is not joined as was agreed."


def _links(connection: Connection, kind: str) -> Any:
    c = ledger_table.c
    return connection.execute(
        select(c.actor, c.body, c.at).where(c.kind == kind).order_by(c.bucket, c.seq)
    )


ANSWER_CHECKS: tuple[tuple[str, Check], ...] = (
    ("answer", seals),
    ("current_answer", revisions),
    ("response", responses),
    ("consent", consents),
    ("permission", permissions),
    ("withdrawn_count", withdrawn),
    ("publication", published),
    ("reply", replied),
    ("participant_link", joined),
)
