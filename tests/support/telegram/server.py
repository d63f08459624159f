"""The loopback Bot API itself: answers calls, hands out updates, posts them to a webhook."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.telegram.forms import Files, Params, read_call
from tests.support.telegram.judging import understand
from tests.support.telegram.pace import counts
from tests.support.telegram.refusing import Refusal, Refused
from tests.support.telegram.sending import SENDING, Play
from tests.support.telegram.settings import SETTINGS
from tests.support.telegram.state import Bot, Pending

PLAYS: dict[str, Play] = {**SENDING, **SETTINGS}
LONGEST_POLL_S = 50
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONFLICT = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
HOOKED = (
    "can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was understood, and the refusal if it got one."""

    bot: int
    method: str
    values: Params
    refusal: Refusal | None


@dataclass(slots=True)
class Weather:
    """What goes wrong on purpose: an outage, or so many calls that are told to wait."""

    is_down: bool = False
    throttled: int = 0
    retry_after: int = 1


@dataclass(slots=True)
class BotApi:
    """Every bot by its token. `base_url` is set once it serves."""

    now: Callable[[], float] = time.time
    seed: int = 0
    push_every_s: float = 0.02
    base_url: str = ""
    bots: dict[str, Bot] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)

    def add_bot(self, token: str, username: str) -> Bot:
        """A bot that BotFather would have made."""
        self.bots[token] = Bot(token, username, self.now, self.seed)
        return self.bots[token]

    def refused(self) -> list[Call]:
        """The calls that were refused for what they are, not for their pace."""
        return [call for call in self.calls if call.refusal and call.refusal.code != 429]

    def make_app(self) -> Starlette:
        """The routes of api.telegram.org."""
        routes = [
            Route("/bot{token}/{method}", self._answer, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._file),
        ]
        return Starlette(routes=routes)

    async def _file(self, request: Request) -> Response:
        bot = self.bots.get(request.path_params["token"])
        kept = bot.files.values() if bot else ()
        content = next((f.content for f in kept if f.path == request.path_params["path"]), None)
        return Response(content) if content is not None else Response(status_code=404)

    async def _answer(self, request: Request) -> Response:
        if self.weather.is_down:
            return Response("Bad Gateway", status_code=502)
        bot = self.bots.get(request.path_params["token"])
        if bot is None:
            return _refusal(Refused.of(401).refusal)
        method = next(
            (
                m
                for m in (*PLAYS, "getUpdates")
                if m.lower() == request.path_params["method"].lower()
            ),
            request.path_params["method"],
        )
        params: Params = {}
        try:
            params, files = await read_call(request)
            values = understand(method, params, files)
            result = await self._play(bot, method, values, files)
        except Refused as refused:
            self.calls.append(Call(bot.id, method, params, refused.refusal))
            return _refusal(refused.refusal)
        self.calls.append(Call(bot.id, method, values, None))
        return (
            result
            if isinstance(result, Response)
            else JSONResponse({"ok": True, "result": result})
        )

    async def _play(self, bot: Bot, method: str, values: Params, files: Files) -> Any:
        if method == "getUpdates":
            return await _get_updates(bot, values)
        if method not in PLAYS:
            raise Refused.bad(f"this loopback does not play {method}")
        if counts(method):
            self._keep_pace(bot, method, values)
        with bot.lock:
            return PLAYS[method](bot, values, files)

    def _keep_pace(self, bot: Bot, method: str, values: Params) -> None:
        if self.weather.throttled > 0:
            self.weather.throttled -= 1
            raise Refused.wait(self.weather.retry_after)
        chat = values.get("chat_id")
        wait = bot.pace.ask(chat if isinstance(chat, int) else None, method)
        if wait is not None:
            raise Refused.wait(wait)

    async def push_to_webhooks(self) -> None:
        """Post what waits to each bot's webhook, one at a time per chat, until cancelled."""
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                if not self.weather.is_down:
                    for bot in list(self.bots.values()):
                        if bot.webhook.url:
                            await _push(client, bot)
                await asyncio.sleep(self.push_every_s)


def _refusal(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body(), status_code=refusal.code)


async def _get_updates(bot: Bot, values: Params) -> Response:
    """Long polling: the newer of two polls goes on, the older one ends with 409."""
    if bot.webhook.url:
        raise Refused.of(409, HOOKED)
    with bot.lock:
        bot.poll += 1
        mine = bot.poll
        if "allowed_updates" in values:
            bot.allow(values["allowed_updates"])
    bot.bell.ring()
    until = time.monotonic() + min(values.get("timeout", 0), LONGEST_POLL_S)
    while True:
        since = bot.bell.rings
        with bot.lock:
            if bot.poll != mine:
                raise Refused.of(409, CONFLICT)
            ready = bot.fetch(values.get("offset", 0), values.get("limit", 100))
        left = until - time.monotonic()
        if ready or left <= 0:
            body = b'{"ok":true,"result":[' + b",".join(u.body for u in ready) + b"]}"
            return Response(body, media_type="application/json")
        await bot.bell.heard(since, left)
        if bot.webhook.url:
            raise Refused.of(409, "terminated by setWebhook request")


async def _push(client: httpx.AsyncClient, bot: Bot) -> None:
    """One round: the first waiting update of each chat, as many at once as the bot allows."""
    with bot.lock:
        bot.lose_old()
        firsts: dict[int | None, Pending] = {}
        for update in bot.pending:
            firsts.setdefault(update.chat_id, update)
        chosen = list(firsts.values())[: bot.webhook.max_connections]
    await asyncio.gather(*(_post(client, bot, update) for update in chosen))


async def _post(client: httpx.AsyncClient, bot: Bot, update: Pending) -> None:
    hook = bot.webhook
    headers = {"content-type": "application/json"}
    if hook.secret is not None:
        headers[SECRET_HEADER] = hook.secret
    try:
        answer = await client.post(hook.url, content=update.body, headers=headers)
        problem = (
            None if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
        )
    except httpx.HTTPError as error:
        problem = f"Connection failed: {type(error).__name__}"
    with bot.lock:
        update.handed += 1
        if problem is None:
            bot.forget(lambda one: one is update)
        else:
            hook.error, hook.error_at = problem, bot.now()


@contextmanager
def serving(api: BotApi) -> Iterator[str]:
    """Serve in a thread; yields the address that stands for https://api.telegram.org."""
    listening = socket.create_server(("127.0.0.1", 0))
    api.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        api.make_app(), log_config=None, log_level="critical", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        pushing = asyncio.create_task(api.push_to_webhooks())
        await server.serve(sockets=[listening])
        pushing.cancel()
        with suppress(asyncio.CancelledError):
            await pushing

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield api.base_url
    finally:
        server.should_exit = server.force_exit = True
        for bot in api.bots.values():
            bot.bell.ring()
        thread.join(5)
