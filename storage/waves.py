"""What was decided of waves and silences, and how far each wave is; every act is audited."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.waves import Decided
from storage import tables as t
from storage.officials import audit

SCHEDULE = "schedule"
"""The actor of what the clock does by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who did something, when, and why."""

    at: int
    actor: str = SCHEDULE
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """A silence, by its first day, that somebody lifted."""

    first_day: str
    name: str
    reason: str
    at: int


def list_decided(connection: Connection) -> dict[str, dict[int, Decided]]:
    """What the records say of every wave, by consultation and number."""
    found: dict[str, dict[int, Decided]] = {}
    for row in connection.execute(select(t.wave)):
        found.setdefault(row.consultation, {})[row.number] = Decided(
            number=row.number, state=row.state, opens_at=row.opens_at, closes_at=row.closes_at
        )
    return found


def decide(connection: Connection, consultation: str, decided: Decided, act: Act) -> None:
    """Write down how a wave stands now; the state that changed is what was done."""
    values = {
        "state": decided.state,
        "opens_at": decided.opens_at,
        "closes_at": decided.closes_at,
    }
    statement = upsert(t.wave).values(consultation=consultation, number=decided.number, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["consultation", "number"], set_=values)
    )
    did = {"open": "opened wave", "closed": "closed wave"}.get(decided.state, "planned wave")
    what = {"reason": act.reason} if act.reason else {}
    audit(connection, act.at, act.actor, did, consultation=consultation, wave=decided.number,
          **what)  # fmt: skip


def lift_silence(connection: Connection, first_day: str, act: Act) -> bool:
    """Let campaigns and publications go in a period of silence; False: it was lifted before."""
    lifted = connection.execute(
        upsert(t.silence_override)
        .values(first_day=first_day, name=act.actor, reason=act.reason, at=act.at)
        .on_conflict_do_nothing()
    )
    if lifted.rowcount == 1:
        audit(connection, act.at, act.actor, "lifted silence", period=first_day, reason=act.reason)
    return lifted.rowcount == 1


def restore_silence(connection: Connection, first_day: str, act: Act) -> bool:
    """Let the silence hold again; False: it was not lifted."""
    c = t.silence_override.c
    restored = connection.execute(
        delete(t.silence_override).where(c.first_day == first_day)
    ).rowcount
    if restored:
        audit(connection, act.at, act.actor, "restored silence", period=first_day,
              reason=act.reason)  # fmt: skip
    return bool(restored)


def list_lifted(connection: Connection) -> list[Lifted]:
    """The silences that are lifted now."""
    rows = connection.execute(select(t.silence_override).order_by(t.silence_override.c.first_day))
    return [
        Lifted(first_day=row.first_day, name=row.name, reason=row.reason, at=row.at)
        for row in rows
    ]
