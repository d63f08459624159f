"""What may happen once only, however many processes try and however often they start."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from storage import tables as t


def claim(connection: Connection, name: str, at: int) -> bool:
    """Take a name; False when it was taken before."""
    claimed = connection.execute(
        upsert(t.done_once).values(name=name, done_at=at).on_conflict_do_nothing()
    )
    return claimed.rowcount == 1


def is_claimed(connection: Connection, name: str) -> bool:
    """Whether the name was taken."""
    return (
        connection.scalar(select(t.done_once.c.done_at).where(t.done_once.c.name == name))
        is not None
    )


def release(connection: Connection, name: str) -> None:
    """Give a name back: it did not happen."""
    connection.execute(delete(t.done_once).where(t.done_once.c.name == name))
