"""One writer per folder: a lock file; while `serve` holds it, commands hand their work over.

The work goes as one JSON line over a Unix socket in the folder (0600) and comes back as one:
what was said, or what was refused. Nothing is queued: the command waits for its answer.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, Any

from bot.app import Application
from bot.errors import InstanceError
from flows.errors import ImportRefused, Issue, TertuliaError

LOCK = "tertulia.lock"
SOCKET = "tertulia.sock"
MOST_BYTES = 256 * 1024 * 1024

Work = Callable[[Application, dict[str, Any]], Awaitable[str]]


def take_lock(folder: Path) -> IO[bytes] | None:
    """The lock of a folder, held while the file stays open; None if another process has it."""
    try:
        file = (folder / LOCK).open("ab")
    except OSError as problem:
        raise InstanceError(f"«{folder.name}» cannot be written: {problem.strerror}.") from problem
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def do_or_hand_over(path: Path, verb: str, work: Work, given: dict[str, Any]) -> str:
    """Do the work here, or let the process that holds the folder do it."""
    lock = take_lock(path)
    if lock is None:
        return asyncio.run(_hand_over(path, verb, given))
    try:
        return asyncio.run(_do(path, work, given))
    finally:
        lock.close()


async def _do(path: Path, work: Work, given: dict[str, Any]) -> str:
    app = Application.at(path)
    await app.start(delivers=False)
    try:
        return await work(app, given)
    finally:
        await app.stop()


async def _hand_over(path: Path, verb: str, given: dict[str, Any]) -> str:
    try:
        reader, writer = await asyncio.open_unix_connection(path / SOCKET, limit=MOST_BYTES)
    except OSError as problem:
        raise InstanceError(
            "Another command is writing in this folder; try again when it has finished."
        ) from problem
    writer.write(json.dumps({"verb": verb, "given": given}).encode() + b"\n")
    await writer.drain()
    answer = json.loads(await reader.readline())
    writer.close()
    if answer["issues"]:
        raise ImportRefused(tuple(Issue(**issue) for issue in answer["issues"]))
    if answer["refused"]:
        raise TertuliaError(answer["refused"])
    return str(answer["said"])


async def listen(app: Application, works: Mapping[str, Work]) -> asyncio.Server:
    """Take over work from commands, until the server is closed."""
    path = app.folder.path / SOCKET
    path.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            result = await _result(app, works, asked)
        except (ValueError, KeyError):
            result = {"said": "", "refused": "This cannot be read.", "issues": []}
        writer.write(json.dumps(result).encode() + b"\n")
        await writer.drain()
        writer.close()

    old = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(answer, path, limit=MOST_BYTES)
    finally:
        os.umask(old)


async def _result(
    app: Application, works: Mapping[str, Work], asked: dict[str, Any]
) -> dict[str, Any]:
    try:
        said = await works[asked["verb"]](app, asked["given"])
    except ImportRefused as problem:
        issues = [
            {"code": i.code, "where": i.where, "sentence": i.sentence} for i in problem.issues
        ]
        return {"said": "", "refused": "", "issues": issues}
    except TertuliaError as problem:
        return {"said": "", "refused": str(problem), "issues": []}
    return {"said": said, "refused": "", "issues": []}
