"""What every table is made with: names of constraints, the owner's columns, texts never null."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, SmallInteger, Table, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def owned(name: str, *rest: Column[object] | object) -> Table:
    """A table whose rows belong to a participant."""
    return Table(
        name,
        metadata,
        Column("bucket", SmallInteger, nullable=False),
        Column("participant", BigInteger, nullable=False),
        *rest,  # type: ignore[arg-type]  # columns and constraints alike
        sqlite_with_rowid=False,
    )


def text(name: str, default: str | None = "") -> Column[str]:
    """A text that is never null; its default is the empty text."""
    return Column(name, Text, nullable=False, server_default=default)
