"""The chat's routes: the page, what it posts, the stream it reads. 200 only after the commit."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.app import Application
from bot.channels.webchat import MOST_BODY, WebChat, as_page, decode
from bot.web.pages import template
from flows.languages import LANGUAGES, closest_language
from storage.errors import StorageError
from storage.outbox import list_after

COOKIE = "tertulia_chat"
YEAR_S = 365 * 24 * 3600
PING_S = 15


class Chat:
    """The chat's handlers, on one application and its web channel."""

    def __init__(self, app: Application, channel: WebChat) -> None:
        self.app = app
        self.channel = channel

    async def page(self, request: Request) -> Response:
        """The chat page; the cookie is made here."""
        response = template("chat.html", request, self.app)
        give_cookie(request, response)
        return response

    async def send(self, request: Request) -> Response:
        """Take what a person said or pressed; answer when it is safe."""
        if not is_same_site(request):
            return JSONResponse({"problem": "foreign"}, status_code=403)
        address = request.cookies.get(COOKIE, "")
        if not is_address(address):
            return JSONResponse({"problem": "cookie"}, status_code=400)
        raw = await bounded_body(request)
        if raw is None:
            return JSONResponse({"problem": "too_large"}, status_code=413)
        language = preferred_language(request)
        envelope = decode(raw, address, self.app.clock.now(), language)
        try:
            committed = await self.app.committer.submit(envelope)
        except StorageError:
            return JSONResponse({"problem": "try_again"}, status_code=503)
        self.channel.wake(address)
        edits = [as_page(m, None) for m in committed.messages if m.replaces_last]
        return JSONResponse({"outcome": committed.outcome, "edits": edits})

    async def stream(self, request: Request) -> Response:
        """Messages as server-sent events whose ids are outbox ids."""
        address = request.cookies.get(COOKIE, "")
        if not is_address(address):
            return Response(status_code=400)
        last = request.headers.get("last-event-id") or request.query_params.get("after") or ""
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else -1
        return StreamingResponse(
            self._events(address, after),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, address: str, after: int) -> AsyncIterator[str]:
        """The mailbox after an id; a page that has nothing gets the last message alone."""
        event = self.channel.listen(address)
        try:
            yield "retry: 1000\n\n"
            is_first = after < 0
            while True:
                event.clear()
                rows = await self.app.database.read(
                    lambda c, a=after: list_after(  # type: ignore[misc]  # bound now
                        c, self.app.keys, channel="web", address=address, after=max(a, 0)
                    )
                )
                if is_first:
                    rows = rows[-1:]
                    if not rows:
                        yield "event: empty\ndata: {}\n\n"
                    is_first = False
                for number, message in rows:
                    after = number
                    data = json.dumps(as_page(message, number), ensure_ascii=False)
                    yield f"id: {number}\ndata: {data}\n\n"
                after = max(after, 0)
                try:
                    await asyncio.wait_for(event.wait(), PING_S)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self.channel.forget(address, event)


def give_cookie(request: Request, response: Response) -> None:
    """A random address for a new page."""
    if not is_address(request.cookies.get(COOKIE, "")):
        response.set_cookie(
            COOKIE,
            secrets.token_urlsafe(16),
            max_age=YEAR_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )


def is_address(text: str) -> bool:
    """Whether a cookie holds an address of ours."""
    return (
        20 <= len(text) <= 24
        and text.isascii()
        and text.replace("-", "").replace("_", "").isalnum()
    )


def is_same_site(request: Request) -> bool:
    """No other site's page may speak for a person."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def bounded_body(request: Request) -> bytes | None:
    """The body, or None when it is too large; never more is read than fits."""
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST_BODY:
            return None
    return found


def preferred_language(request: Request) -> str | None:
    """The first of the browser's languages that we speak."""
    asked = request.query_params.get("lang") or ""
    listed = [asked, *request.headers.get("accept-language", "").split(",")]
    found = (closest_language(tag.partition(";")[0].strip(), LANGUAGES) for tag in listed)
    return next((code for code in found if code), None)
