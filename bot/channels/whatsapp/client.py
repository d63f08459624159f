"""Posts to Meta's Cloud API with aiohttp, which aiogram brings along: one call, no framework.

The token is in a header and never in an address, so that no log line of a library can hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from bot.channels.whatsapp.errors import GraphError
from bot.credentials import WhatsAppAccess
from bot.errors import ChannelError, FateUnknown, Unavailable

TIMEOUT_S = 20
CONNECTIONS = 100
"""A little more than the messages of a second."""
Payload = Mapping[str, Any]


class _Error(msgspec.Struct):
    code: int | None = None


class _Refusal(msgspec.Struct):
    error: _Error


class _Id(msgspec.Struct):
    id: str


class _Accepted(msgspec.Struct):
    messages: list[_Id]


_decode_refusal = msgspec.json.Decoder(_Refusal, strict=False).decode
_decode_accepted = msgspec.json.Decoder(_Accepted).decode


class Client:
    """Meta's `messages` call for one number. `close` it in the end."""

    def __init__(self, access: WhatsAppAccess) -> None:
        self._number = f"{access.api.rstrip('/')}/{access.number_id}"
        self._token = access.token
        self._session: aiohttp.ClientSession | None = None

    async def send(self, payload: Payload) -> str:
        """Send a message; returns Meta's id of it.

        Raises GraphError when Meta refuses, Unavailable when nothing was handed over, and
        FateUnknown when it may have been.
        """
        body = await self._post(payload)
        try:
            return _decode_accepted(body).messages[0].id
        except (msgspec.DecodeError, IndexError):
            raise FateUnknown("WhatsApp answered with no message's id.") from None

    async def mark_read(self, platform_id: str) -> None:
        """Show that a message was read: best effort."""
        said = {"messaging_product": "whatsapp", "status": "read", "message_id": platform_id}
        with suppress(GraphError, ChannelError):
            await self._post(said)

    async def introduce(self) -> None:
        """Ask Meta for our number: whether the token opens it. Raises as `send` does."""
        await self._call("GET", f"{self._number}?fields=display_phone_number", None)

    async def _post(self, payload: Payload) -> bytes:
        return await self._call("POST", f"{self._number}/messages", payload)

    async def _call(self, method: str, url: str, payload: Payload | None) -> bytes:
        session = self._open()
        try:
            async with session.request(method, url, json=payload) as answer:
                body = await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Unavailable("WhatsApp cannot be reached.") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise FateUnknown("WhatsApp did not answer.") from None
        if answer.ok:
            return body
        try:
            code = _decode_refusal(body).error.code
        except msgspec.DecodeError:  # a proxy's page: whether Meta saw the call is not known
            raise FateUnknown("WhatsApp does not answer as it should.") from None
        raise GraphError(code, answer.status)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
            )
        return self._session

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()
            self._session = None
