"""Who may use the desk: looked up at every message, so that a revocation holds at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import CallbackContext, ConversationHandler

from bot.app import Application
from bot.desk.post import Post
from bot.desk.words import language_of, word
from storage.officials import Official, audit, find_official

MINUTE = 60_000_000
STRANGER_EVERY = 10 * MINUTE
"""A stranger is told once in so long, and nothing in between."""
MOST_STRANGERS = 10_000

Context = CallbackContext[Any, Any, Any, Any]
Handler = Callable[[Update, Any], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One enrolled official who asks for something."""

    official: Official
    language: str
    chat: int

    @property
    def view(self) -> str:
        """Viewers read what everybody may read; the others what is protected inside."""
        return "public" if self.official.role == "viewer" else "internal"


@dataclass(slots=True)
class Door:
    """Lets officials in, tells strangers one sentence, and writes down who did what."""

    app: Application
    post: Post
    _told: dict[int, int] = field(default_factory=dict)

    def only(
        self,
        handle: Callable[[Visit, Update, Context], Awaitable[Any]],
        *roles: str,
        did: str = "",
    ) -> Handler:
        """A handler for officials with one of these roles (none: all); `did` is audited."""

        async def guarded(update: Update, context: Any) -> Any:
            visit = await self.visit(update)
            if visit is None:
                return ConversationHandler.END
            if roles and visit.official.role not in roles:
                role = word(visit.official.role, visit.language)
                await self.post.text(visit.chat, word("not_your_role", visit.language, role=role))
                return ConversationHandler.END
            if did:
                await self.note(visit, did)
            return await handle(visit, update, context)

        return guarded

    async def visit(self, update: Update) -> Visit | None:
        """The official behind an update; a stranger is told so, now and then."""
        chat, user = update.effective_chat, update.effective_user
        if chat is None or user is None or chat.type != "private":
            return None
        language = language_of(user.language_code)
        official = await self.app.database.read(
            partial(find_official, keys=self.app.keys, address=str(chat.id))
        )
        if official is None:
            await self.refuse(chat.id, word("stranger", language))
            return None
        return Visit(official, language, chat.id)

    async def refuse(self, chat: int, sentence: str) -> None:
        """Say one polite sentence, at most once in ten minutes."""
        now = self.app.clock.now()
        if len(self._told) >= MOST_STRANGERS:
            self._told = {c: at for c, at in self._told.items() if at > now - STRANGER_EVERY}
        if self._told.get(chat, -STRANGER_EVERY) > now - STRANGER_EVERY:
            return
        if len(self._told) < MOST_STRANGERS:
            self._told[chat] = now
            await self.post.text(chat, sentence)

    async def note(self, visit: Visit, did: str, **what: str | int) -> None:
        """Write it in the audit log."""
        now, name = self.app.clock.now(), visit.official.name
        await self.app.committer.write(lambda c: audit(c, now, name, did, **what))
