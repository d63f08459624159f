"""/responder: walks an official through a reasoned reply; without a reason there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any
from warnings import catch_warnings, simplefilter

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

from bot.app import Application
from bot.conversation import reply_text
from bot.desk.access import Context, Door, Visit
from bot.desk.post import Post
from bot.desk.words import word
from bot.replying import STATES, count_to_tell, reply_to_theme
from flows.languages import in_language
from flows.readings import GivenReply
from flows.weeks import moment

SHORTEST_REASON = 15
LETTERS = re.compile(r"[^\W\d_]")
TIMEOUT_S = 1800.0


class Step(IntEnum):
    """What the walk waits for."""

    THEME = 0
    STATE = 1
    REASON = 2
    UNIT = 3
    DATE = 4
    SEND = 5


@dataclass(slots=True)
class Draft:
    """A reply being written."""

    theme: str
    state: str = ""
    reason: str = ""
    unit: str = ""
    due: str = ""

    def reply(self, now: int) -> GivenReply:
        """The reply as it would be given."""
        return GivenReply(
            theme=self.theme,
            state=self.state,
            reason=self.reason,
            unit=self.unit,
            due=self.due,
            replied_at=now,
            revision=0,
        )


class Replying:
    """The steps of the walk; `handler` is the whole of it for python-telegram-bot."""

    def __init__(self, app: Application, door: Door, post: Post) -> None:
        self.app = app
        self.door = door
        self.post = post
        self._drafts: dict[int, Draft] = {}

    def handler(self) -> ConversationHandler[Any]:
        """Moderators only; kept in memory: a restart begins the walk again, and says so."""

        def guarded(step: Any) -> Any:
            return self.door.only(step, "moderator")

        def press(kind: str, step: Any) -> list[Any]:
            return [CallbackQueryHandler(guarded(step), pattern=f"^{kind}:")]

        def words(step: Any) -> list[Any]:
            return [MessageHandler(filters.TEXT & ~filters.COMMAND, guarded(step))]

        with catch_warnings():  # one walk a chat, whatever message a button stands under: as meant
            simplefilter("ignore", PTBUserWarning)
            return self._conversation(guarded, press, words)

    def _conversation(self, guarded: Any, press: Any, words: Any) -> ConversationHandler[Any]:
        return ConversationHandler(
            entry_points=[CommandHandler("responder", guarded(self.begin))],
            states={
                Step.THEME: press("theme", self.theme),
                Step.STATE: press("state", self.state),
                Step.REASON: words(self.reason),
                Step.UNIT: words(self.unit),
                Step.DATE: words(self.date),
                Step.SEND: press("send", self.send),
            },
            fallbacks=[CommandHandler("cancelar", guarded(self.cancel))],
            allow_reentry=True,
            conversation_timeout=TIMEOUT_S,
        )

    async def begin(self, visit: Visit, _update: Update, context: Context) -> int:
        """/responder [TEMA]."""
        themes = self.app.folder.instance.plan.themes
        named = (context.args or [""])[0].upper()
        if named in {theme.code for theme in themes}:
            return await self._ask_state(visit, named)
        buttons = [
            (in_language(theme.label, visit.language), f"theme:{theme.code}") for theme in themes
        ]
        await self.post.text(visit.chat, word("which_theme", visit.language), buttons)
        return Step.THEME

    async def theme(self, visit: Visit, update: Update, _context: Context) -> int:
        """A theme was pressed."""
        return await self._ask_state(visit, await _pressed(update))

    async def _ask_state(self, visit: Visit, theme: str) -> int:
        self._drafts[visit.chat] = Draft(theme)
        states = self.app.folder.instance.words.states
        buttons = [(in_language(states[s], visit.language), f"state:{s}") for s in STATES]
        named = next(t for t in self.app.folder.instance.plan.themes if t.code == theme)
        label = in_language(named.label, visit.language)
        await self.post.text(visit.chat, word("which_state", visit.language, theme=label), buttons)
        return Step.STATE

    async def state(self, visit: Visit, update: Update, _context: Context) -> int:
        """A state was pressed."""
        self._drafts[visit.chat].state = await _pressed(update)
        await self.post.text(visit.chat, word("which_reason", visit.language))
        return Step.REASON

    async def reason(self, visit: Visit, update: Update, _context: Context) -> int:
        """The reason; what is none is asked again."""
        text = _text(update)
        if len(LETTERS.findall(text)) < SHORTEST_REASON:
            await self.post.text(visit.chat, word("no_reason", visit.language))
            return Step.REASON
        self._drafts[visit.chat].reason = text
        await self.post.text(visit.chat, word("which_unit", visit.language))
        return Step.UNIT

    async def unit(self, visit: Visit, update: Update, _context: Context) -> int:
        """Who answers for it."""
        self._drafts[visit.chat].unit = _text(update)
        await self.post.text(visit.chat, word("which_date", visit.language))
        return Step.DATE

    async def date(self, visit: Visit, update: Update, _context: Context) -> int:
        """By when; then the card as people will read it."""
        due = _date(_text(update))
        if due is None:
            await self.post.text(visit.chat, word("no_date", visit.language))
            return Step.DATE
        city = self.app.folder.instance.city
        if due < moment(self.app.clock.now(), city.time_zone).date():
            await self.post.text(visit.chat, word("past_date", visit.language))
            return Step.DATE
        draft: Draft = self._drafts[visit.chat]
        draft.due = due.isoformat()
        reply = draft.reply(self.app.clock.now())
        people = await self.app.database.read(lambda c: count_to_tell(c, self.app.folder, reply))
        card = reply_text(self.app.folder, reply, visit.language)
        language = visit.language
        buttons = [(word("send", language), "send:yes"), (word("cancel", language), "send:no")]
        await self.post.text(visit.chat, word("preview", language, n=people, card=card), buttons)
        return Step.SEND

    async def send(self, visit: Visit, update: Update, context: Context) -> int:
        """Send it, or not."""
        if await _pressed(update) != "yes":
            return await self.cancel(visit, update, context)
        draft: Draft = self._drafts.pop(visit.chat)
        told = await reply_to_theme(
            self.app,
            consultation=None,
            reply=draft.reply(self.app.clock.now()),
            actor=visit.official.name,
        )
        await self.post.text(visit.chat, word("sent", visit.language, n=told.people))
        return ConversationHandler.END

    async def cancel(self, visit: Visit, _update: Update, _context: Context) -> int:
        """Nothing is sent."""
        self._drafts.pop(visit.chat, None)
        await self.post.text(visit.chat, word("cancelled", visit.language))
        return ConversationHandler.END

    async def over(self, visit: Visit, update: Update, _context: Context) -> None:
        """A button of a walk that has ended."""
        await _pressed(update)
        await self.post.text(visit.chat, word("over", visit.language))


async def _pressed(update: Update) -> str:
    """What the pressed button stands for; the press is acknowledged."""
    query = update.callback_query
    assert query is not None
    await query.answer()
    return (query.data or "").partition(":")[2]


def _text(update: Update) -> str:
    message = update.effective_message
    return (message.text or "").strip() if message else ""


def _date(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
    return None
