"""For whoever watches the service: alive, ready, and numbers that are about nobody."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.app import Application
from bot.web.inside import LOOPBACK
from flows.errors import TertuliaError
from storage.dispatches import count_statuses
from storage.health import prove_writable
from storage.live import account
from storage.outbox import count_by_state, count_undelivered

PROVE_WITHIN_S = 5.0
PROVE_EVERY_S = 1.0
"""Each proof is a commit: whoever asks more often hears the last answer again."""
UNAVAILABLE = 503


class Health:
    """Three pages."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._problem = ""

    async def alive(self, _request: Request) -> Response:
        """Up, how accepted updates ended, what is due, sent, given up; what platforms told."""
        read = self.app.database.read
        ended, outbox = await read(account), await read(count_by_state)
        given_up = await read(count_undelivered)
        told = {"outbox": outbox, "undelivered": given_up, "told": await read(count_statuses)}
        return JSONResponse({"alive": True, **ended, **told})

    async def ready(self, _request: Request) -> Response:
        """Whether an update could be taken in now: proven by a commit."""
        if self.app.is_draining:
            return JSONResponse({"ready": False, "problem": "draining"}, UNAVAILABLE)
        async with self._asking:
            if time.monotonic() - self._asked_at >= PROVE_EVERY_S:
                self._problem = await self._prove()
                self._asked_at = time.monotonic()
        if self._problem:
            return JSONResponse({"ready": False, "problem": self._problem}, UNAVAILABLE)
        return JSONResponse({"ready": True})

    async def _prove(self) -> str:
        """Commit something; what stood in the way, or nothing."""
        job = partial(prove_writable, now=self.app.clock.now())
        try:
            await asyncio.wait_for(self.app.committer.write(job), PROVE_WITHIN_S)
        except TimeoutError:
            return "slow"
        except TertuliaError as problem:
            return problem.code
        return ""

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format, on this machine only."""
        if request.client is None or request.client.host not in LOOPBACK:
            return PlainTextResponse("403", status_code=403)
        app = self.app
        text = await app.metrics.text(app.database, can_write=app.committer.can_write)
        return Response(text, media_type=CONTENT_TYPE_LATEST)
