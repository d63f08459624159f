"""A city with its number on the loopback Cloud API, on a clock set by hand."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from bot.app import Application
from bot.channels.whatsapp.service import WhatsAppService
from bot.channels.whatsapp.webhook import PATH
from bot.clock import ManualClock
from bot.credentials import WhatsAppAccess
from bot.delivery import Delivery
from storage.outbox import count_by_state
from tests.support.cities import NOW
from tests.support.whatsapp import NUMBER_ID, TOKEN, CloudApi, Person, Sent, serving

SECRET = "0123456789abcdef" * 2
VERIFY = "canary-verify-token"
SECOND = 1_000_000


def signature(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.digest(secret.encode(), raw, sha256).hex()


@dataclass(slots=True)
class Town:
    """What a test holds in its hands."""

    app: Application
    service: WhatsAppService
    api: CloudApi
    clock: ManualClock
    delivery: Delivery
    web: Starlette
    posted: list[bytes] = field(default_factory=list)
    _heard: dict[str, int] = field(default_factory=dict)

    def person(self, number: int = 1001, **how: Any) -> Person:
        return Person(self.api, number, **how)

    async def post(
        self, raw: bytes, signed: str | None = None, method: str = "POST", query: str = ""
    ) -> int:
        """One request straight to the door; returns the status."""
        headers = (
            [] if signed == "" else [(b"x-hub-signature-256", (signed or signature(raw)).encode())]
        )
        status, _ = await call(self.web, raw, headers, method=method, query=query)
        return status

    async def pass_on(self) -> None:
        """Meta posts what waits; every body twice."""
        for raw in self.api.bodies():
            self.posted.append(raw)
            for _ in range(2):
                assert await self.post(raw) == 200

    async def quiet(self, rounds: int = 1000, step: float = 6.1) -> None:
        """Until nothing waits on either side; the clock goes on by itself where it must."""
        due: int | None = None
        for _ in range(rounds):
            await self.pass_on()
            await self.delivery.drain()
            await self.service.edge.rest()
            due = (await self.app.database.read(count_by_state)).get("due")
            if not due and not self.api.events:
                return
            self.clock.at += int(step * SECOND) if due else 0
        raise AssertionError(f"never quiet: {due}")

    async def seconds(self, count: float, step: float = 1.0) -> None:
        """Let time pass."""
        for _ in range(int(count / step)):
            await self.pass_on()
            await self.delivery.drain()
            self.clock.at += int(step * SECOND)

    async def hears(self, person: Person) -> list[Sent]:
        """What the person is sent by all that has been done so far and was not heard yet."""
        await self.quiet()
        heard = person.received
        new = heard[self._heard.get(person.line.user, 0) :]
        self._heard[person.line.user] = len(heard)
        return new

    async def outbox(self) -> dict[str, int]:
        return await self.app.database.read(count_by_state)


async def call(
    web: Starlette,
    raw: bytes,
    headers: list[tuple[bytes, bytes]],
    *,
    method: str = "POST",
    query: str = "",
) -> tuple[int, bytes]:
    """A request through ASGI without a client's ceremony: ten thousand of them take seconds."""
    scope = {
        "type": "http", "method": method, "path": PATH, "raw_path": PATH.encode(),
        "query_string": query.encode(), "headers": headers, "http_version": "1.1",
        "scheme": "https", "server": ("city.example", 443), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    answers: list[dict[str, Any]] = []
    sent = [{"type": "http.request", "body": raw, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return sent.pop(0) if sent else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answers.append(message)

    await web(scope, receive, send)
    return answers[0]["status"], b"".join(a.get("body", b"") for a in answers)


@asynccontextmanager
async def town(
    folder: Path,
    *,
    start: int = NOW,
    api: CloudApi | None = None,
    more: dict[str, Any] | None = None,
    before: Callable[[Application], None] = lambda app: None,
) -> AsyncIterator[Town]:
    """Everything started, and stopped again."""
    clock = ManualClock(start)
    api = api or CloudApi(seed=start)
    api.now = lambda: clock.now() / SECOND
    with serving(api) as address:
        access = WhatsAppAccess(
            token=TOKEN, number_id=NUMBER_ID, app_secret=SECRET, verify_token=VERIFY,
            number="15550783881", daily_people=api.daily_people, api=address,
        )  # fmt: skip
        app = Application.at(folder, clock=clock, base_url="https://made-up.example")
        service = WhatsAppService(app, access)
        for channel in (more or {}).values():
            app.add_channel(channel)
        before(app)
        await app.start(delivers=False)
        delivery = Delivery(app.database, app.keys, app.committer, app.channels, clock)
        app.delivery = delivery
        service.start()
        try:
            yield Town(app, service, api, clock, delivery, Starlette(routes=service.routes))
        finally:
            await service.stop()
            app.delivery = None
            await app.stop()
            await service.close()
