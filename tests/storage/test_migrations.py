"""The migrations make exactly the tables that the code speaks of."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from storage.database import Database
from storage.tables import metadata


def test_a_new_database_has_the_tables_of_the_code_and_no_others(tmp_path: Path) -> None:
    database = Database.open(str(tmp_path / "tertulia.db"))
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        found = inspect(connection)
        named = {(table, found.get_pk_constraint(table)["name"]) for table in metadata.tables}
        checks = {
            check["name"]
            for table in metadata.tables
            for check in found.get_check_constraints(table)
        }
    database.close_sync()
    assert differences == []
    counted = {("outbox", None)}  # SQLite names no key that counts up by itself
    assert named == {(n, f"pk_{n}") for n in metadata.tables if n != "outbox"} | counted
    assert {"ck_answer_kind", "ck_reply_reason", "ck_inbox_outcome"} <= checks
