"""What officials pull: the week, who is missing, alerts, help; and how they come in."""

from __future__ import annotations

from collections.abc import Callable

from telegram import Update

from bot.app import Application
from bot.desk.access import Context, Door, Visit
from bot.desk.alerts import find_alerts
from bot.desk.post import Post
from bot.desk.week import locale_for, make_week, send_week, week_named
from bot.desk.words import language_of, word
from bot.summaries import Asked, summary
from flows.languages import in_language
from flows.weeks import is_week
from reports.labels import Labels
from reports.picture import missing_line, missing_sectors
from storage.officials import enrol

MOST_INVITATIONS = 7


class Reading:
    """The handlers that change nothing but the audit log."""

    def __init__(
        self, app: Application, door: Door, post: Post, citizens_bot: Callable[[], str]
    ) -> None:
        self.app = app
        self.door = door
        self.post = post
        self.citizens_bot = citizens_bot
        """The citizens' bot's name, empty until it is known; invitations link to it."""

    async def start(self, update: Update, context: Context) -> None:
        """/start CODE enrols; /start alone helps who is enrolled."""
        chat, user = update.effective_chat, update.effective_user
        if chat is None or user is None or chat.type != "private":
            return
        if not context.args:
            visit = await self.door.visit(update)
            if visit is not None:
                await self.help(visit, update, context)
            return
        code, now, language = (
            context.args[0],
            self.app.clock.now(),
            language_of(user.language_code),
        )
        official = await self.app.committer.write(
            lambda c: enrol(
                c, self.app.keys, code=code, address=str(chat.id), language=language, now=now
            )
        )
        if official is None:
            await self.door.refuse(chat.id, word("link_over", language))
            return
        role, help_text = word(official.role, language), word("help", language)
        said = word("welcome", language, name=official.name, role=role, help=help_text)
        await self.post.text(chat.id, said)

    async def help(self, visit: Visit, _update: Update, _context: Context) -> None:
        """/ayuda."""
        await self.post.text(visit.chat, word("help", visit.language))

    async def unknown(self, visit: Visit, _update: Update, _context: Context) -> None:
        """Anything else."""
        text = word("unknown", visit.language, help=word("help", visit.language))
        await self.post.text(visit.chat, text)

    async def week(self, visit: Visit, _update: Update, context: Context) -> None:
        """/resumen [semana]: a picture with its text, and the page."""
        given = " ".join(context.args or [])
        named = week_named(self.app, given) if given else None
        if named is not None and not is_week(named):
            await self.post.text(visit.chat, word("no_week", visit.language, week=given[:40]))
            return
        locale = locale_for(self.app, visit.language)
        made = await make_week(self.app, Asked(week=named, view=visit.view, locale=locale))
        await send_week(self.post, visit.chat, made)

    async def coverage(self, visit: Visit, _update: Update, _context: Context) -> None:
        """/cobertura: who is missing, and an invitation for each."""
        now, language = self.app.clock.now(), visit.language
        asked = Asked(view=visit.view, locale=locale_for(self.app, language))
        made = await self.app.database.read(lambda c: summary(c, self.app.folder, asked, now))
        silent, few = missing_sectors(made)
        labels = Labels(self.app.folder.main, made["locale"])
        if not silent and not few:
            await self.post.text(visit.chat, word("all_covered", language))
            return
        head = f"{missing_line(made, labels)}\n\n{word('copy_this', language)}"
        await self.post.text(visit.chat, head)
        for code in (*silent, *few)[:MOST_INVITATIONS]:
            await self.post.text(visit.chat, self._invitation(code, labels, language))

    def _invitation(self, sector: str, labels: Labels, language: str) -> str:
        city = in_language(self.app.folder.instance.city.name, language)
        link = self._link(f"cobertura-{sector}") or word("no_link", language)
        return word("invitation", language, sector=labels.sector(sector), city=city, link=link)

    def _link(self, source: str) -> str:
        """The deep link of a source, or the page's, or nothing."""
        name = self.citizens_bot()
        if name:
            from aiogram.utils.deep_linking import create_deep_link

            return str(create_deep_link(name, "start", source))
        url = self.app.folder.instance.city.url
        return f"{url.rstrip('/')}/chat?s={source}" if url else ""

    async def alerts(self, visit: Visit, _update: Update, _context: Context) -> None:
        """/alertas."""
        now = self.app.clock.now()
        found = await self.app.database.read(lambda c: find_alerts(c, self.app, now))
        lines = [alert.said(visit.language) for alert in found]
        text = "\n\n".join(lines) or word("no_alerts", visit.language)
        await self.post.text(visit.chat, text)
