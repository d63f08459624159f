"""Who may see the inside view on the web: this machine, with the key that `serve` gave out.

Loopback alone is not enough: behind a proxy every visitor seems to come from this machine.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

LOOPBACK = ("127.0.0.1", "::1")
COOKIE = "tertulia_inside"
FILE = "interno.url"


@dataclass(frozen=True, slots=True, repr=False)
class InsideKey:
    """A key of one run. The made-up city of the demo needs none."""

    key: str

    @classmethod
    def fresh(cls) -> InsideKey:
        """A key nobody knows yet."""
        return cls(secrets.token_urlsafe(16))

    def write(self, folder: Path, url: str) -> Path:
        """Leave the address in a file that only its owner can read; returns the file."""
        file = folder / "out" / FILE
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as stream:
            stream.write(f"{url}/interno?key={self.key}\n")
        return file

    def door(self, request: Request) -> Response | None:
        """None lets the request in; otherwise what it is answered."""
        if request.client is None or request.client.host not in LOOPBACK:
            return Response("403", status_code=403)
        given = request.query_params.get("key", "")
        if given and compare_digest(given.encode(), self.key.encode()):
            response = RedirectResponse("/interno", status_code=303)
            response.set_cookie(COOKIE, self.key, httponly=True, samesite="strict")
            return response
        shown = request.cookies.get(COOKIE, "")
        if not compare_digest(shown.encode(), self.key.encode()):
            return Response(f"403: out/{FILE}", status_code=403)
        return None
