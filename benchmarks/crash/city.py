"""The city in a process of its own, to be killed. Forked from a server that has imported all."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from benchmarks.crash.defects import DEFECTS
from benchmarks.crash.people import Update
from bot.app import Application
from bot.channels.base import CAPABILITIES, Capabilities
from bot.channels.telegram.service import TelegramService
from bot.clock import Clock, FastClock
from bot.credentials import TelegramAccess
from flows.inbound import Arrived, Body, Envelope, Pressed, Said
from flows.messages import Message
from storage.errors import StorageError

BODIES = {"Said": Said, "Pressed": Pressed, "Arrived": Arrived}


@dataclass(frozen=True, slots=True)
class Site:
    """Where the city's process finds everything; `api` and `port` are for Telegram alone."""

    folder: str
    edge: str
    defect: str
    socket: str = ""
    api: str = ""
    port: int = 0
    zero: float = 0.0
    start: int = 0


SECRET = "made-up-secret-of-the-crash-harness"
TOKEN = "5550001:made-up-token-of-the-crash-harness"
SPEED = 200.0


def live(site: Site) -> None:
    """Run until killed."""
    sys.setswitchinterval(0.005)
    if site.defect:
        DEFECTS[site.defect]()
    asyncio.run(_loopback(site) if site.edge == "loopback" else _telegram(site))


class Wire:
    """The loopback edge: lines of JSON over a Unix socket, both ways."""

    name = "loopback"
    capabilities: Capabilities = CAPABILITIES["telegram"]
    per_second = 0.0
    per_person_seconds = 0.0

    def __init__(self, app: Application) -> None:
        self.app = app
        self._taken: dict[int, asyncio.Future[None]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self.connected = asyncio.Event()

    def split(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        await self.connected.wait()
        taken = self._taken[message_id] = asyncio.get_running_loop().create_future()
        self._tell({"out": message_id, "to": address})
        await taken

    def _tell(self, said: dict[str, object]) -> None:
        assert self._writer is not None
        self._writer.write(json.dumps(said).encode() + b"\n")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.connected.set()
        while line := await reader.readline():
            told = json.loads(line)
            if "taken" in told:
                self._taken.pop(told["taken"]).set_result(None)
            else:
                asyncio.ensure_future(self._take(told))  # noqa: RUF006 - the process is killed

    async def _take(self, told: dict[str, object]) -> None:
        update = Update(int(str(told["person"])), int(str(told["number"])), _body(told))
        inbound = update.inbound(self.name)
        envelope = Envelope(
            channel=self.name,
            address=str(update.person),
            external_id=update.name,
            inbound=inbound,
            received_at=self.app.clock.now(),
            raw=b"" if inbound else b"\xff\xff",
            problem="" if inbound else "undecodable",
        )
        try:
            await self.app.committer.submit(envelope)
        except StorageError:
            return
        self._tell({"ack": told["delivery"]})


def _body(told: dict[str, object]) -> Body | None:
    made = BODIES.get(str(told["kind"]))
    return made(**told["body"]) if made else None  # type: ignore[arg-type]


async def _loopback(site: Site) -> None:
    clock: Clock = FastClock(site.start, site.zero, 1.0)
    app = Application.at(Path(site.folder), clock=clock, base_url="http://x")
    wire = Wire(app)
    app.channels["loopback"] = wire
    await app.start()
    if os.path.exists(site.socket):  # noqa: ASYNC240, PTH110 - nothing else runs yet
        os.unlink(site.socket)  # noqa: PTH108
    server = await asyncio.start_unix_server(wire.serve, site.socket, limit=2**22)
    await server.serve_forever()


async def _no_gap(*, is_caught_up: bool) -> int:
    """On a clock that runs fast every restart is a long gap: nobody is asked again for it."""
    return 0


async def _telegram(site: Site) -> None:
    clock: Clock = FastClock(site.start, site.zero, SPEED)
    app = Application.at(Path(site.folder), clock=clock, base_url="https://made-up.example")
    url = f"http://127.0.0.1:{site.port}"
    access = TelegramAccess(token=TOKEN, api=site.api, webhook_url=url, webhook_secret=SECRET)
    service = TelegramService(app, access)
    await app.start()
    service.watch.beat = _no_gap  # type: ignore[method-assign]
    service.start()
    config = uvicorn.Config(
        Starlette(routes=service.routes), port=site.port, log_config=None, lifespan="off"
    )
    await uvicorn.Server(config).serve()
