"""What the loopback remembers of one bot: its chats, its queue of updates, its settings."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.telegram.pace import Pace
from tests.support.telegram.refusing import Refused

Object = dict[str, Any]
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KEPT = 86_400.0  # seconds that Telegram keeps an update nobody fetches


class Bell:
    """Wakes long polls, from whatever thread an update comes."""

    def __init__(self) -> None:
        self.rings = 0
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ring(self) -> None:
        """Wakes everybody who waits."""
        with self._lock:
            self.rings += 1
            for event, loop in self._waiting.items():
                with contextlib.suppress(RuntimeError):  # the loop of that poll has ended
                    loop.call_soon_threadsafe(event.set)

    async def heard(self, since: int, seconds: float) -> None:
        """Returns when the bell has rung more than `since` times, or after so many seconds."""
        event = asyncio.Event()
        with self._lock:
            if self.rings != since:
                return
            self._waiting[event] = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                del self._waiting[event]


@dataclass(slots=True)
class Pending:
    """An update that the bot has not confirmed; `pushed` ones are handed out at least once."""

    update_id: int
    body: bytes
    at: float
    chat_id: int | None
    pushed: bool = False
    readable: bool = True
    handed: int = 0


@dataclass(slots=True)
class Message:
    """A message in a chat, as it now stands; `texts` holds every text it has had."""

    value: Object
    own: bool
    markup: Object | None = None
    content: bytes | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def message_id(self) -> int:
        return int(self.value["message_id"])

    @property
    def text(self) -> str:
        """Its text, or its caption."""
        return str(self.value.get("text", self.value.get("caption", "")))

    @property
    def keyboard(self) -> list[list[Object]]:
        """The rows of its inline keyboard, or of the keyboard it shows below the chat."""
        shown = self.markup or {}
        rows: list[list[Object]] = shown.get("inline_keyboard", shown.get("keyboard", []))
        return rows

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons, in reading order."""
        return [str(button["text"]) for row in self.keyboard for button in row]


@dataclass(slots=True)
class Chat:
    """A chat that the bot knows, with what was said in it."""

    value: Object
    messages: dict[int, Message] = field(default_factory=dict)


@dataclass(slots=True)
class Query:
    """A pressed button that waits for its answer."""

    at: float
    answered: bool = False
    text: str | None = None


@dataclass(slots=True)
class Webhook:
    """Where updates go when the bot does not fetch them; an empty address is none."""

    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    error_at: float | None = None
    error: str | None = None


@dataclass(slots=True)
class StoredFile:
    """A file in Telegram's keeping."""

    path: str
    content: bytes


class Bot:
    """One bot by its token."""

    def __init__(self, token: str, username: str, now: Callable[[], float], seed: int) -> None:
        self.token, self.username, self.now = token, username, now
        self.id = int(token.partition(":")[0])
        self.pace = Pace(now)
        self.bell = Bell()
        self.lock = threading.RLock()
        self.kept = KEPT
        drawn = random.Random(f"{seed} {token}")
        self._next_update = drawn.randrange(10**8, 10**9)
        self._next_message = drawn.randrange(1, 1000)
        self._next_file = 1
        self.listener: Callable[[int, Message], None] | None = None  # told of what people get
        self.poll = 0  # grows with each getUpdates; the poll with an older number must end
        self.pending: list[Pending] = []
        self.entered: list[Object] = []  # every update there has been
        self.lost: list[Pending] = []  # updates nobody fetched in time
        self.allowed: frozenset[str] | None = None
        self.webhook = Webhook()
        self.chats: dict[int, Chat] = {}
        self.blocked: set[int] = set()
        self.queries: dict[str, Query] = {}
        self.files: dict[str, StoredFile] = {}
        self.commands: dict[tuple[str, str], list[Object]] = {}
        self.texts: dict[tuple[str, str], str] = {}  # by which text and in which language
        self.menus: dict[int | None, Object] = {}

    @property
    def user(self) -> Object:
        """The bot as a User."""
        name = self.texts.get(("name", ""), self.username)
        return {"id": self.id, "is_bot": True, "first_name": name, "username": self.username}

    def chat(self, chat_id: int | str) -> Chat:
        """A chat the bot may write to; refuses as Telegram does."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise Refused.bad("chat not found")
        kind = chat.value["type"]
        if chat_id in self.blocked and kind == "private":
            raise Refused.of(403, "bot was blocked by the user")
        if chat_id in self.blocked:
            raise Refused.of(403, f"bot was kicked from the {kind} chat")
        return chat

    def know(self, chat: Object) -> Chat:
        """Lets the bot write to this chat from now on."""
        return self.chats.setdefault(chat["id"], Chat(chat))

    def number_message(self) -> int:
        """The next message's id."""
        self._next_message += 1
        return self._next_message

    def keep_file(self, folder: str, name: str, content: bytes) -> str:
        """Takes a file in; returns its file_id."""
        file_id = f"BQAC{self.id}-{self._next_file}"
        ending = name.rpartition(".")[2] if "." in name else "bin"
        self.files[file_id] = StoredFile(f"{folder}/file_{self._next_file}.{ending}", content)
        self._next_file += 1
        return file_id

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind not in ON_REQUEST if self.allowed is None else kind in self.allowed

    def allow(self, kinds: list[str]) -> None:
        """Sets which kinds of update come from now on; an empty list is Telegram's default."""
        self.allowed = frozenset(kinds) or None

    def enter(self, kind: str, value: Object, chat_id: int) -> int | None:
        """A new update; returns its id, or None when the bot did not ask for such."""
        with self.lock:
            if not self.wants(kind):
                return None
            update = {"update_id": self._next_update, kind: value}
            body = json.dumps(update, ensure_ascii=False).encode("utf-8", "surrogatepass")
            self.pending.append(Pending(self._next_update, body, self.now(), chat_id))
            self.entered.append(json.loads(body))
            self._next_update += 1
        self.bell.ring()
        return self._next_update - 1

    def push(self, body: bytes, update: Mapping[str, Any] | None, chat: Object | None) -> int:
        """Puts an update in the queue as it is; `update` is what the bytes say, if they do."""
        with self.lock:
            given = (update or {}).get("update_id")
            whole = isinstance(given, int) and not isinstance(given, bool)
            update_id = given if isinstance(given, int) and whole else self._next_update
            chat_id = chat["id"] if chat else None
            self.pending.append(
                Pending(update_id, body, self.now(), chat_id, pushed=True, readable=whole)
            )
            self._next_update = max(self._next_update, update_id + 1)
        self.bell.ring()
        return update_id

    @property
    def next_update_id(self) -> int:
        """The id that the next update will have."""
        return self._next_update

    def forget(self, done: Callable[[Pending], bool]) -> None:
        """Takes confirmed updates out of the queue."""
        self.pending = [update for update in self.pending if not done(update)]

    def lose_old(self) -> None:
        """Loses updates that waited longer than Telegram keeps them."""
        before = self.now() - self.kept
        self.lost += [update for update in self.pending if update.at < before]
        self.forget(lambda update: update.at < before)

    def fetch(self, offset: int, limit: int) -> list[Pending]:
        """What getUpdates answers: confirms what lies before `offset`, hands out the rest."""
        self.lose_old()
        if offset < 0:
            kept = self.pending[offset:]
            self.forget(lambda update: update not in kept)
        else:
            self.forget(lambda u: u.update_id < offset and not (u.pushed and u.handed == 0))
        ready = self.pending[:limit]
        for update in ready:
            update.handed += 1
        self.forget(lambda update: not update.readable and update.handed > 0)
        return ready
