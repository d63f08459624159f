"""`tertulia serve`: the web chat and the pages of a city, on this machine by default."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from bot.commands.options import add_instance
from bot.credentials import load_credentials
from bot.errors import InstanceError

if TYPE_CHECKING:
    import uvicorn
    from sqlalchemy import Connection

    from bot.app import Application
    from bot.handover import Work
    from bot.web.inside import InsideKey

log = logging.getLogger(__name__)

MOST_PORTS = 65_536
FORGET_EVERY_S = 6 * 3600.0
HEAD_EVERY_S = 600.0
DRAIN_S = 90.0
"""What a service manager waits at most between asking to end and killing."""
OVERDUE = 75
"""The exit code when draining took longer (EX_TEMPFAIL): what is left comes again."""


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("serve", help=says, description=__doc__)
    add_instance(parser)
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--url", default="", help="the public address, for links in messages")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from bot.app import Application
    from bot.handover import take_lock
    from bot.instance import load_folder
    from bot.log import set_up
    from bot.web.inside import InsideKey

    set_up(args.log_level)
    folder = load_folder(args.instance)
    load_credentials(args.instance)  # a mistake in secrets.env is told before anything starts
    lock = take_lock(args.instance)
    if lock is None:
        raise InstanceError("Another process is serving or writing this folder; stop it first.")
    check_port(args.host, args.port)
    url = args.url or folder.instance.city.url or f"http://{args.host}:{args.port}"
    app = Application(folder, base_url=url)
    print(f"{url}  (Ctrl+C stops it)", flush=True)
    inside = InsideKey.fresh()
    file = inside.write(args.instance, f"http://127.0.0.1:{args.port}")
    print(f"The view from inside, on this machine only: the address is in {file}", flush=True)
    asyncio.run(serve(app, args.host, args.port, inside))
    lock.close()
    return 0


def check_port(host: str, port: int) -> None:
    """A taken port is one sentence, before anything starts."""
    import socket

    if not 0 < port < MOST_PORTS:
        raise InstanceError(f"{port} is no port; choose one from 1 to {MOST_PORTS - 1}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise InstanceError(
                f"Port {port} on {host} is taken; choose another with --port."
            ) from problem


async def serve(app: Application, host: str, port: int, inside: InsideKey | None) -> None:
    """Everything a running city needs, until uvicorn is told to stop; `inside`: see make_web."""
    import uvicorn

    from bot.channels.webchat import WebChat
    from bot.handover import SOCKET, listen
    from bot.messengers import Messengers
    from bot.schedule import Schedule
    from bot.web.site import make_web

    channel = WebChat()
    app.add_channel(channel)
    messengers = Messengers(app, load_credentials(app.folder.path))
    app.conversation.has_results = True
    await app.start()
    socket = await listen(app, _works())
    jobs = ((forget, FORGET_EVERY_S), (note_head, HEAD_EVERY_S))
    tasks = [asyncio.create_task(Schedule(app).run())]
    tasks += [asyncio.create_task(repeat(app, job, every_s)) for job, every_s in jobs]
    config = uvicorn.Config(
        make_web(app, channel, inside, messengers.routes),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    messengers.start()
    try:
        await serve_until_asked(app, config)
    finally:
        await messengers.stop()
        for task in tasks:
            task.cancel()
        socket.close()
        (app.folder.path / SOCKET).unlink(missing_ok=True)
        await app.stop()
        await messengers.close()


async def serve_until_asked(app: Application, config: uvicorn.Config) -> None:
    """Serve until SIGTERM or SIGINT; from then on there are 90 seconds to end in good order.

    uvicorn's own handlers would kill the process as soon as it has let its connections go,
    before what is under way was sent and marked.
    """
    import os
    import signal
    import threading

    import uvicorn

    class Server(uvicorn.Server):
        @override
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    server = Server(config)

    def end() -> None:
        if app.is_draining:
            return
        app.is_draining = server.should_exit = True
        overdue = threading.Timer(DRAIN_S, os._exit, (OVERDUE,))
        overdue.daemon = True
        overdue.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    await server.serve()


def note_head(app: Application, connection: Connection) -> None:
    """Once a day, where every chain stands."""
    from storage.heads import make_head

    head = make_head(connection, app.clock.now())
    if head is not None:
        log.info("daily_head", extra={"head": head})


def _works() -> dict[str, Work]:
    """What commands may hand over to the process that holds the folder."""
    from bot.commands import (
        code,
        export,
        import_answers,
        invite,
        officials,
        publications,
        reply,
        silence,
        wave,
    )

    return {
        "import-answers": import_answers.work,
        "reply": reply.work,
        "officials": officials.work,
        "publications": publications.work,
        "wave": wave.work,
        "invite": invite.work,
        "silence": silence.work,
        "export": export.work,
        "code": code.work,
    }


def forget(app: Application, connection: Connection) -> None:
    """Delete what may not be kept any longer."""
    from storage.retention import forget_old

    forget_old(connection, app.clock.now())


async def repeat(
    app: Application, job: Callable[[Application, Connection], None], every_s: float
) -> None:
    """Do a job in the records now and then; one that fails is tried again next time."""
    while True:
        try:
            await app.committer.write(partial(job, app))
        except Exception as problem:  # noqa: BLE001 - the outermost loop: the next time tries again
            log.warning(
                "job_failed", extra={"kind": job.__name__, "problem": type(problem).__name__}
            )
        await asyncio.sleep(every_s)
