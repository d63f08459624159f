"""Alembic's entry: the connection is handed over by `storage.migrations.upgrade`."""

from __future__ import annotations

from alembic import context

from storage.account_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
