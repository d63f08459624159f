"""The week as officials get it: a picture with its text, and the page as PDF."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from bot.app import Application
from bot.desk.post import Post
from bot.summaries import Asked, summary
from flows.weeks import moment
from reports.labels import Summary
from reports.pdf import render_chart, render_pdf
from reports.text import render_text

LOCALES = {"pt": "pt-BR", "fr": "fr-FR", "en": "en"}


@dataclass(frozen=True, slots=True)
class Week:
    """One consultation's week, rendered."""

    consultation: str
    week: str
    text: str
    chart: bytes
    pdf: bytes

    @property
    def file_name(self) -> str:
        """The PDF's name."""
        return f"{self.consultation}-{self.week}.pdf"


async def make_week(app: Application, asked: Asked) -> Week:
    """Read and render; the rendering leaves the loop free."""
    now = app.clock.now()
    bound = app.folder.consultation(asked.consultation)
    made: Summary = await app.database.read(lambda c: summary(c, app.folder, asked, now))
    chart = await asyncio.to_thread(partial(render_chart, made, bound))
    pdf = await asyncio.to_thread(partial(render_pdf, made, bound))
    return Week(bound.definition.id, made["week"], render_text(made, bound), chart, pdf)


async def send_week(post: Post, chat: int, week: Week) -> None:
    """Two messages: the picture with the text, and the page."""
    await post.picture(chat, week.chart, week.text)
    await post.file(chat, week.pdf, week.file_name)


def locale_for(app: Application, language: str) -> str:
    """The locale of an official's language; the city's own for Spanish."""
    own = app.folder.instance.city.locale
    return own if own.startswith(language) else LOCALES.get(language, own)


def week_named(app: Application, text: str) -> str:
    """The week in `46`, `semana 46` or `2026-W46`; as typed when it is none of these."""
    last = text.rsplit(maxsplit=1)[-1] if text.split() else ""
    if last.isdigit() and len(last) <= 2:
        year = moment(app.clock.now(), app.folder.instance.city.time_zone).isocalendar().year
        return f"{year}-W{int(last):02d}"
    return last.upper()
