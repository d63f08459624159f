"""The webhook: secret first, then a bounded body, and 200 only after the commit."""

from __future__ import annotations

from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.edge import Edge
from storage.errors import StorageError

PATH = "/telegram"
HEADER = "x-telegram-bot-api-secret-token"
MOST_BODY = 128 * 1024
"""Telegram drops updates of more than 64 KiB itself; beyond the double it is not Telegram."""
FORBIDDEN, TOO_LARGE, UNAVAILABLE = 403, 413, 503


def make_route(edge: Edge, secret: str) -> Route:
    """The route that Telegram posts to."""

    async def receive(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not compare_digest(given.encode(), secret.encode()):
            return Response(status_code=FORBIDDEN)
        raw = await _bounded(request)
        if raw is None:
            return Response(status_code=TOO_LARGE)
        try:
            await edge.take(raw)
        except StorageError:
            return Response(status_code=UNAVAILABLE)
        return Response()

    return Route(PATH, receive, methods=["POST"])


async def _bounded(request: Request) -> bytes | None:
    """The body, or None as soon as it is too long."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY:
            return None
    return bytes(raw)
