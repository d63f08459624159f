"""A strict Cloud API on loopback: judges what is sent, and makes what Meta would post."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.whatsapp.pace import Pace
from tests.support.whatsapp.rules import refusals

TOKEN = "CANARY-TOKEN-of-the-number"
NUMBER_ID = "106540352242922"
WINDOW = 24 * 3600.0
Object = dict[str, Any]


class Refused(Exception):
    """The platform does not do what it is asked."""

    def __init__(self, code: int, status: int = 400, details: str = "") -> None:
        super().__init__(code, details)
        self.code, self.status, self.details = code, status, details


@dataclass(slots=True)
class Template:
    """An approved text: its state by language, how many parameters and buttons it has."""

    category: str
    languages: dict[str, str]
    parameters: int = 0
    buttons: int = 0


@dataclass(slots=True)
class Line:
    """What the platform knows of a person. `can_user`: takes the business-scoped id."""

    user: str
    phone: str
    heard_at: float = -WINDOW
    is_reachable: bool = True
    can_user: bool = True
    has_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was taken."""

    wamid: str
    user: str
    payload: Object
    at: float


@dataclass(slots=True)
class Weather:
    """What goes wrong on purpose. `storm` gives a code, or None, for each message."""

    is_down: bool = False
    hangs: bool = False
    swallows: int = 0
    """So many messages are taken, and the answer gets lost."""
    storm: Callable[[], int | None] = lambda: None


@dataclass(slots=True)
class CloudApi:
    """One number. `events` are the changes that Meta has yet to post."""

    now: Callable[[], float] = time.time
    seed: int = 0
    daily_people: int = 250
    base_url: str = ""
    token: str = TOKEN
    lines: dict[str, Line] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)
    pace: Pace = field(init=False)
    dice: random.Random = field(init=False)
    _numbered: int = 0

    def __post_init__(self) -> None:
        self.pace = Pace(self._moment, daily_people=self.daily_people)
        self.dice = random.Random(self.seed)

    def _moment(self) -> float:
        return self.now()  # the clock may be put in later

    def wamid(self) -> str:
        """A fresh message id."""
        self._numbered += 1
        return f"wamid.{hashlib.sha1(f'{self.seed}/{self._numbered}'.encode()).hexdigest()}=="

    def make_app(self) -> Starlette:
        """The two routes of the Graph API that are needed."""
        path = f"/v23.0/{NUMBER_ID}/messages"
        routes = [Route(path, self._answer, methods=["POST"])]
        routes.append(Route(f"/v23.0/{NUMBER_ID}", self._number, methods=["GET"]))
        return Starlette(routes=routes)

    async def _number(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            error = {"message": "Invalid OAuth access token", "code": 190}
            return JSONResponse({"error": error}, status_code=401)
        return JSONResponse({"display_phone_number": "+1 555-078-3881", "id": NUMBER_ID})

    async def _answer(self, request: Request) -> Response:
        while self.weather.hangs:  # noqa: ASYNC110 - a test in another thread ends it
            await asyncio.sleep(0.01)
        if self.weather.is_down:
            return Response("<html>Bad Gateway</html>", status_code=502)
        try:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                raise Refused(190, 401)
            answer = self.take(await request.json())
        except Refused as refused:
            self.refused.append((refused.code, refused.details))
            error = {"message": "(#x)", "type": "OAuthException", "code": refused.code,
                     "error_data": {"messaging_product": "whatsapp", "details": refused.details},
                     "fbtrace_id": "x"}  # fmt: skip
            return JSONResponse({"error": error}, status_code=refused.status)
        if self.weather.swallows and "messages" in answer:
            self.weather.swallows -= 1
            return Response("<html>Gateway Timeout</html>", status_code=504)
        return JSONResponse(answer)

    def take(self, payload: Object) -> Object:
        """Judge a payload, then do what it asks. Raises Refused."""
        wrong = refusals(payload)
        if wrong:
            raise Refused(100, 400, "; ".join(wrong)[:500])
        if payload.get("status") == "read":
            self.read.append(payload["message_id"])
            return {"success": True}
        line = self._line(payload)
        is_template = payload.get("type") == "template"
        is_inside = self.now() - line.heard_at < WINDOW
        if is_template:
            self._check_template(payload["template"], line)
        elif not is_inside:
            raise Refused(131047)
        code = self.weather.storm()
        if code is not None:
            raise Refused(code, 429 if code == 130429 else 400)
        broken = self.pace.ask(line.user, opens=is_template and not is_inside)
        if broken is not None:
            raise Refused(broken, 429 if broken == 130429 else 400)
        sent = Sent(self.wamid(), line.user, payload, self.now())
        self.sent.append(sent)
        self._tell_statuses(sent, line)
        return {
            "messaging_product": "whatsapp",
            "contacts": [
                {"input": payload.get("to") or payload["recipient"], "wa_id": line.phone}
            ],
            "messages": [{"id": sent.wamid}],
        }

    def _line(self, payload: Object) -> Line:
        user, phone = payload.get("recipient", ""), payload.get("to", "").lstrip("+")
        for line in self.lines.values():
            if user and line.user == user:
                if not line.can_user:
                    raise Refused(131062)
                return line
            if phone and line.phone == phone:
                return line
        raise Refused(131030 if phone else 131026)

    def _check_template(self, asked: Object, line: Line) -> None:
        template = self.templates.get(asked["name"])
        state = template.languages.get(asked["language"]["code"]) if template else None
        if template is None or state is None:
            raise Refused(132001, 404)
        if state == "paused":
            raise Refused(132015)
        parts = {c["type"]: c for c in asked.get("components", ()) if c["type"] != "button"}
        given = parts.get("body", {}).get("parameters", ())
        if len(given) != template.parameters:
            raise Refused(132000)
        if any("\n" in p.get("text", "") or "    " in p.get("text", "") for p in given):
            raise Refused(132012)
        buttons = [c for c in asked.get("components", ()) if c["type"] == "button"]
        if len(buttons) > template.buttons:
            raise Refused(132000)
        if template.category == "marketing" and line.has_stopped:
            raise Refused(131050)

    def _tell_statuses(self, sent: Sent, line: Line) -> None:
        """Sent, delivered, read; or failed for who cannot be reached. Their order is not kept."""
        words = ["sent", "delivered", "read"] if line.is_reachable else ["failed"]
        told = [self.status(sent, word, line, after) for after, word in enumerate(words)]
        self.dice.shuffle(told)
        self.events += told

    def status(
        self, sent: Sent, word: str, line: Line, after: int = 0, code: int = 131026
    ) -> Object:
        """One status as a change."""
        category = "marketing" if sent.payload.get("type") == "template" else "service"
        status: Object = {
            "id": sent.wamid, "status": word, "timestamp": str(int(self.now()) + after),
            "recipient_id": line.phone,
            "biz_opaque_callback_data": sent.payload.get("biz_opaque_callback_data", ""),
        }  # fmt: skip
        if word == "failed":
            status["errors"] = [{"code": code, "title": "x", "message": "x"}]
        else:
            status["pricing"] = {"billable": True, "pricing_model": "PMP", "category": category}
        return self.change({"statuses": [status]}, line)

    def change(self, what: Object, line: Line | None = None, *, shows: str = "both") -> Object:
        """A change of the field `messages`. `shows`: which of a person's two names it has."""
        value: Object = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER_ID},
        }
        if line is not None:
            contact: Object = {"profile": {"name": "CANARY-NAME"}}
            contact |= {"wa_id": line.phone} if shows != "user" else {}
            contact |= {"user_id": line.user} if shows != "phone" else {}
            value["contacts"] = [contact]
        return {"field": "messages", "value": value | what}

    def bodies(self, most: int = 20) -> list[bytes]:
        """What waits, in bodies of several entries and changes; then nothing waits."""
        waiting, self.events = self.events, []
        groups = [waiting[at : at + most] for at in range(0, len(waiting), most)]
        return [as_body(group) for group in groups]


def as_body(changes: list[Object]) -> bytes:
    """Changes in one body, two entries if there are several."""
    middle = (len(changes) + 1) // 2
    parts = [part for part in (changes[:middle], changes[middle:]) if part]
    entries = [{"id": "102290129340398", "changes": part} for part in parts]
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()


@contextmanager
def serving(api: CloudApi) -> Iterator[str]:
    """Serve in a thread; gives the address that `WHATSAPP_API` names."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(api.make_app(), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)

    async def run() -> None:
        await server.serve(sockets=[listening])

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    api.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v23.0"
    try:
        yield api.base_url
    finally:
        server.should_exit = server.force_exit = True
        thread.join(5)
