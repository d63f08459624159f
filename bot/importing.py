"""Taking in an answers file: parsed whole, written whole, published if RC6d allows."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.app import Application
from bot.publishing import publish_if_allowed
from flows.answers_file import parse_answers
from storage.imports import record_imported


async def import_answers(
    app: Application, *, consultation: str, wave: int, text: str, source: str
) -> int:
    """Record the responses of a file; returns how many. Raises ImportRefused with all mistakes."""
    bound = app.folder.consultation(consultation)
    now = app.clock.now()
    responses = parse_answers(text, bound=bound, wave=wave, source=source, now=now)

    def write(connection: Connection) -> int:
        count = record_imported(connection, app.keys, bound.definition.id, responses, app.week_of)
        publish_if_allowed(connection, app.folder, now, app.lifted)
        return count

    return await app.committer.write(write)
