"""Counts kept beside the rows, in the same transaction: what the records should come to.

`accepted_count` says how the accepted updates of each day ended; `row_count` how many answers,
responses and messages each bucket holds. `storage.verifying` counts anew and compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Delete, Table, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from storage.account_tables import accepted_count, row_count

COUNTED = ("answer", "response", "outbox")
"""The tables whose rows are counted per bucket."""


def day_of(at: int) -> str:
    """The day (UTC) of a moment in microseconds."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%d")


def count_accepted(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Count inbox rows that are being written."""
    found = Counter((day_of(r["received_at"]), r["channel"], r["outcome"]) for r in rows)
    if not found:
        return
    statement = upsert(accepted_count)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "channel", "outcome"],
            set_={"n": accepted_count.c.n + statement.excluded.n},
        ),
        [
            {"day": day, "channel": channel, "outcome": outcome, "n": n}
            for (day, channel, outcome), n in found.items()
        ],
    )


def count_rows(connection: Connection, changes: Mapping[tuple[int, str], int]) -> None:
    """Add to the counts of (bucket, table); a negative number takes away."""
    rows = [{"bucket": bucket, "name": name, "n": n} for (bucket, name), n in changes.items() if n]
    if rows:
        statement = upsert(row_count)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["bucket", "name"],
                set_={"n": row_count.c.n + statement.excluded.n},
            ),
            rows,
        )


def delete_counted(connection: Connection, table: Table, statement: Delete) -> int:
    """Delete rows of a counted table and take them off the counts; returns how many."""
    gone = Counter(connection.scalars(statement.returning(table.c.bucket)))
    count_rows(connection, {(bucket, table.name): -n for bucket, n in gone.items()})
    return gone.total()


def total_accepted(connection: Connection) -> dict[tuple[str, str], int]:
    """(channel, outcome) to how many there have ever been."""
    c = accepted_count.c
    rows = connection.execute(
        select(c.channel, c.outcome, func.sum(c.n)).group_by(c.channel, c.outcome)
    )
    return {(channel, outcome): n for channel, outcome, n in rows}
