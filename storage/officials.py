"""Who may use the officials' desk: enrolled by a single-use link, revoked with one command.

Everything is written in the audit chain (kind `audit` of the ledger, bucket 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from storage import tables as t
from storage.account_tables import ledger as ledger_table
from storage.keys import KeyRing
from storage.ledger import Ledger

ROLES = ("analyst", "moderator", "viewer")
LINK_LIFETIME = 10 * 60 * 1_000_000
BUCKET = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """An enrolled official. `address` is the chat id of the desk bot."""

    name: str
    role: str
    address: str
    language: str
    enrolled_at: int


def invite(
    connection: Connection, *, keys: KeyRing, code: str, name: str, role: str, now: int
) -> None:
    """Write down a single-use code that enrols one person for ten minutes."""
    connection.execute(
        insert(t.enrolment).values(
            key=keys.hash("enrolment", code), name=name, role=role, expires_at=now + LINK_LIFETIME
        )
    )
    audit(connection, now, "cli", "invited", name=name, role=role)


def enrol(
    connection: Connection, keys: KeyRing, *, code: str, address: str, language: str, now: int
) -> Official | None:
    """Use a code; None when it is unknown, used or too old."""
    c = t.enrolment.c
    used = connection.execute(
        update(t.enrolment)
        .where(c.key == keys.hash("enrolment", code), c.used_at.is_(None), c.expires_at > now)
        .values(used_at=now)
        .returning(c.name, c.role)
    ).first()
    if used is None:
        return None
    values = {
        "name": used.name,
        "role": used.role,
        "address": keys.encrypt(address, "official.address"),
        "language": language,
        "enrolled_at": now,
        "revoked_at": None,
    }
    statement = upsert(t.official).values(key=keys.hash("official", address), **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
    audit(connection, now, used.name, "enrolled", role=used.role)
    return Official(
        name=used.name, role=used.role, address=address, language=language, enrolled_at=now
    )


def find_official(connection: Connection, keys: KeyRing, address: str) -> Official | None:
    """The official with this address, unless revoked."""
    c = t.official.c
    row = connection.execute(
        select(t.official).where(c.key == keys.hash("official", address), c.revoked_at.is_(None))
    ).first()
    return None if row is None else _official(keys, row)


def list_officials(connection: Connection, keys: KeyRing) -> list[Official]:
    """Everybody who may use the desk now, by name."""
    c = t.official.c
    rows = connection.execute(
        select(t.official).where(c.revoked_at.is_(None)).order_by(c.name, c.enrolled_at)
    )
    return [_official(keys, row) for row in rows]


def revoke(connection: Connection, *, name: str, now: int) -> int:
    """Take the desk away from everybody of this name; returns how many that were."""
    c = t.official.c
    revoked = connection.execute(
        update(t.official).where(c.name == name, c.revoked_at.is_(None)).values(revoked_at=now)
    ).rowcount
    connection.execute(
        update(t.enrolment)
        .where(t.enrolment.c.name == name, t.enrolment.c.used_at.is_(None))
        .values(used_at=now)
    )
    audit(connection, now, "cli", "revoked", name=name, n=revoked)
    return revoked


def audit(connection: Connection, at: int, actor: str, did: str, **what: str | int) -> None:
    """Add to the audit chain. `what` holds codes and names of officials, never an answer."""
    ledger = Ledger(connection)
    body = msgspec.json.encode({"did": did, **what}, order="deterministic").decode()
    ledger.append(BUCKET, kind="audit", at=at, body=body, actor=actor)
    ledger.flush()


def list_audit(connection: Connection) -> list[tuple[int, str, str]]:
    """(at, actor, what) of the audit chain, oldest first."""
    c = ledger_table.c
    rows = connection.execute(
        select(c.at, c.actor, c.body).where(c.bucket == BUCKET, c.kind == "audit").order_by(c.seq)
    )
    return [(row.at, row.actor, row.body) for row in rows]


def _official(keys: KeyRing, row: Row[Any]) -> Official:
    return Official(
        name=row.name,
        role=row.role,
        address=keys.decrypt(row.address, "official.address"),
        language=row.language,
        enrolled_at=row.enrolled_at,
    )
