"""The ways into the city, as a platform sees them: bring an update, hear what goes out."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec

from benchmarks.crash.city import SECRET, SPEED, TOKEN, Site
from benchmarks.crash.people import SECOND, Update
from bot.channels.telegram.webhook import HEADER, PATH
from bot.clock import FastClock
from flows.inbound import Arrived, Pressed, Said
from tests.support.cities import NOW
from tests.support.telegram import BotApi, serving


class Edge(Protocol):
    """One way in. `heard` counts copies of messages, by a key of the edge's own."""

    channel: str
    site: Site
    heard: Counter[Any]

    async def connect(self) -> None:
        """Wait until the city can be reached."""

    async def bring(self, update: Update) -> bool:
        """Bring an update once; whether it was acknowledged."""

    async def lose(self) -> None:
        """The city was killed."""

    def external_id(self, update: Update) -> str:
        """The name under which the city must know it."""

    def heard_as(self, number: int, person: int) -> Any:
        """The key in `heard` of a message with this number to this person."""

    def close(self) -> None:
        """Give everything back."""


class LoopbackEdge:
    """Lines over a Unix socket; a message's key is its number."""

    channel = "loopback"

    def __init__(self, folder: Path, defect: str) -> None:
        self.site = Site(
            str(folder), "loopback", defect, socket=str(folder.parent / "wire.sock"),
            zero=time.monotonic(), start=NOW + 3600 * SECOND,
        )  # fmt: skip
        self.heard: Counter[Any] = Counter()
        self._waiting: dict[int, asyncio.Future[bool]] = {}
        self._next = 0
        self._writer: asyncio.StreamWriter | None = None
        self._reads: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(
                    self.site.socket, limit=2**22
                )
            except OSError:
                await asyncio.sleep(0.01)
            else:
                self._reads = asyncio.create_task(self._read(reader))
                return

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await reader.readline()
            except OSError:
                line = b""
            if not line.endswith(b"\n"):
                break
            told = json.loads(line)
            if "ack" in told:
                self._settle(told["ack"], was_acknowledged=True)
            else:
                self.heard[told["out"]] += 1
                self._tell({"taken": told["out"]})
        for delivery in list(self._waiting):
            self._settle(delivery, was_acknowledged=False)

    def _settle(self, delivery: int, *, was_acknowledged: bool) -> None:
        waiting = self._waiting.pop(delivery, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(was_acknowledged)

    def _tell(self, said: dict[str, object]) -> None:
        assert self._writer is not None
        self._writer.write(json.dumps(said).encode() + b"\n")

    async def bring(self, update: Update) -> bool:
        self._next += 1
        waiting = self._waiting[self._next] = asyncio.get_running_loop().create_future()
        self._tell(
            {
                "delivery": self._next,
                "person": update.person,
                "number": update.number,
                "kind": type(update.body).__name__,
                "body": msgspec.to_builtins(update.body),
            }
        )
        return await waiting

    async def lose(self) -> None:
        if self._reads is not None:
            await self._reads
        if self._writer is not None:
            self._writer.close()

    def external_id(self, update: Update) -> str:
        return update.name

    def heard_as(self, number: int, person: int) -> Any:
        return number

    def close(self) -> None:
        Path(self.site.socket).unlink(missing_ok=True)


class TelegramEdge:
    """Posts to the webhook; messages go to the strict loopback Bot API, on a fast clock."""

    channel = "telegram"

    def __init__(self, folder: Path, defect: str) -> None:
        self._stack = ExitStack()
        zero = time.monotonic()
        clock = FastClock(NOW + 3600 * SECOND, zero, SPEED)
        self.api = BotApi(now=lambda: clock.now() / SECOND)
        self.bot = self.api.add_bot(TOKEN, "made_up_bot")
        address = self._stack.enter_context(serving(self.api))
        self.port = _free_port()
        self.site = Site(
            str(folder), "telegram", defect, api=address, port=self.port, zero=zero,
            start=clock.start,
        )  # fmt: skip
        self._client: httpx.AsyncClient | None = None

    @property
    def heard(self) -> Counter[Any]:
        """Copies by (chat, message): Telegram gives a message no key of ours."""
        sent = (c for c in self.api.calls if c.method == "sendMessage" and c.refusal is None)
        return Counter(call.values["chat_id"] for call in sent)

    async def connect(self) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", headers={HEADER: SECRET}, timeout=30
        )
        while True:
            try:
                await self._client.get("/")
            except httpx.HTTPError:
                await asyncio.sleep(0.02)
            else:
                return

    async def bring(self, update: Update) -> bool:
        assert self._client is not None
        with self.bot.lock:
            self.bot.know(_chat(update))
        try:
            answer = await self._client.post(PATH, content=_as_telegram(update))
        except (httpx.HTTPError, RuntimeError):
            return False
        return answer.status_code == httpx.codes.OK

    async def lose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def external_id(self, update: Update) -> str:
        bot = self.bot.id
        if update.body is None:
            return f"{bot}/x/{hashlib.sha256(_as_telegram(update)).hexdigest()}"
        if isinstance(update.body, Pressed):
            return f"{bot}/q/{update.name}"
        return f"{bot}/m/{update.person}/{update.number}"

    def heard_as(self, number: int, person: int) -> Any:
        return person

    def close(self) -> None:
        self._stack.close()


def _chat(update: Update) -> dict[str, Any]:
    return {"id": update.person, "type": "private", "first_name": "Ana"}


def _as_telegram(update: Update) -> bytes:
    """The update as Telegram would post it."""
    user = {"id": update.person, "is_bot": False, "first_name": "Ana", "language_code": "es"}
    told: dict[str, Any] = {"update_id": update.person * 100 + update.number}
    if update.body is None:
        return json.dumps({**told, "message": {"odd": update.name}}).encode()
    if isinstance(update.body, Pressed):
        press = {"id": update.name, "from": user, "data": update.body.payload}
        return json.dumps({**told, "callback_query": press}).encode()
    assert isinstance(update.body, Said | Arrived)
    text = update.body.text if isinstance(update.body, Said) else "/start afiche"
    message = {
        "message_id": update.number,
        "date": update.sent_at // SECOND,
        "chat": _chat(update),
        "from": user,
        "text": text,
    }
    return json.dumps({**told, "message": message}).encode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


EDGES: dict[str, type[LoopbackEdge] | type[TelegramEdge]] = {
    "loopback": LoopbackEdge,
    "telegram": TelegramEdge,
}
"""The edge is a parameter: another platform is one class more."""
