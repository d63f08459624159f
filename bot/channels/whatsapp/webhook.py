"""The door: handshake, then signature over the raw bytes, bounded body, 200 after the commit."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.whatsapp.edge import Edge
from bot.credentials import WhatsAppAccess
from storage.errors import StorageError

PATH = "/whatsapp"
HEADER = "x-hub-signature-256"
SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
MOST_BODY = 3 * 1024 * 1024
"""Meta's largest body (360dialog and Hookdeck, from Meta's guidance)."""
MOST_CHALLENGE = 256
UNAUTHORIZED, FORBIDDEN, TOO_LARGE, UNAVAILABLE = 401, 403, 413, 503


def is_signed(raw: bytes, signature: str, secret: str) -> bool:
    """Whether Meta's signature belongs to these bytes; takes equally long wherever it differs."""
    if not SIGNATURE.fullmatch(signature):
        return False
    expected = hmac.digest(secret.encode(), raw, sha256).hex()
    return hmac.compare_digest(expected.encode(), signature.removeprefix("sha256=").encode())


def make_routes(edge: Edge, access: WhatsAppAccess) -> list[Route]:
    """The address that Meta asks once (GET) and posts to (POST)."""

    async def shake_hands(request: Request) -> Response:
        asked = request.query_params
        token = asked.get("hub.verify_token", "")
        is_ours = hmac.compare_digest(token.encode(), access.verify_token.encode())
        if asked.get("hub.mode") != "subscribe" or not is_ours:
            return Response(status_code=FORBIDDEN)
        return PlainTextResponse(asked.get("hub.challenge", "")[:MOST_CHALLENGE])

    async def receive(request: Request) -> Response:
        given = request.headers.getlist(HEADER)
        if len(given) != 1 or not SIGNATURE.fullmatch(given[0]):
            return Response(status_code=UNAUTHORIZED)
        raw = await _bounded(request)
        if raw is None:
            return Response(status_code=TOO_LARGE)
        if not is_signed(raw, given[0], access.app_secret):
            return Response(status_code=UNAUTHORIZED)
        try:
            await edge.take(raw)
        except StorageError:
            return Response(status_code=UNAVAILABLE)
        return Response()

    return [
        Route(PATH, shake_hands, methods=["GET"]),
        Route(PATH, receive, methods=["POST"]),
    ]


async def _bounded(request: Request) -> bytes | None:
    """The body, or None as soon as it is or says that it is too long."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > MOST_BODY:
        return None
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY:
            return None
    return bytes(raw)
