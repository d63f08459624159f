"""Figures on request: the protected table of one question, and the export as a file."""

from __future__ import annotations

import asyncio
from functools import partial

from telegram import Update

from bot.app import Application
from bot.desk.access import Context, Visit
from bot.desk.post import Post
from bot.desk.week import locale_for
from bot.desk.words import word
from bot.exporting import as_zip, export_files
from bot.summaries import Asked, summary, table
from flows.binding import BoundConsultation
from flows.cleaning import fold
from flows.languages import in_language
from reports.document.rendering import render_report
from reports.errors import OnlyInTotal, ReportError
from reports.labels import Summary
from reports.questions import OPEN, reported
from reports.text import render_table

MOST_CHARS = 3_500
"""A longer table comes as a file."""
SEGMENTS = {
    "sector": "sector setor secteur",
    "country": "pais pays country",
    "language": "idioma lingua langue language",
    "channel": "canal channel",
    "actor_type": "tipo type actor ator acteur",
}
INSIDE = frozenset({"interno", "interna", "interne", "internal"})
REPORT = frozenset({"informe", "relatorio", "rapport", "report"})
DATA = frozenset({"datos", "dados", "donnees", "data", "datapackage"})


class Figures:
    """The handlers of /pregunta and /exportar."""

    def __init__(self, app: Application, post: Post) -> None:
        self.app = app
        self.post = post

    async def question(self, visit: Visit, _update: Update, context: Context) -> None:
        """/pregunta A15 por sector; without a question, which ones there are."""
        words = [fold(part) for part in context.args or []]
        bound, language = self.app.folder.main, visit.language
        asked = {fold(q.id): q.id for q in reported(bound.definition) if q.type not in OPEN}
        name = next((asked[w] for w in words if w in asked), None)
        if name is None:
            await self.post.text(visit.chat, _listed(bound, language, list(asked.values())))
            return
        by = next((code for code, said in SEGMENTS.items() if set(said.split()) & set(words)), "")
        locale, now = locale_for(self.app, language), self.app.clock.now()
        wanted = Asked(view=visit.view, locale=locale)
        try:
            made = await self.app.database.read(
                lambda c: table(c, self.app.folder, wanted, now, question=name, by=by or "sector")
            )
        except OnlyInTotal:
            await self.post.text(visit.chat, word("only_in_total", language))
            return
        except ReportError as problem:
            await self.post.text(visit.chat, str(problem))
            return
        text = render_table(made, bound, locale)
        if len(text) <= MOST_CHARS:
            await self.post.text(visit.chat, text)
            return
        await self.post.file(visit.chat, text.encode(), f"{name}-{by or 'sector'}.txt")

    async def export(self, visit: Visit, _update: Update, context: Context) -> None:
        """/exportar [informe|csv|datos] [interno]: a file, of the public view unless told."""
        words = {fold(part) for part in context.args or []}
        is_inside = bool(words & INSIDE) and visit.view == "internal"
        view = "internal" if is_inside else "public"
        locale, now = locale_for(self.app, visit.language), self.app.clock.now()
        asked = Asked(view=view, locale=locale)
        bound = self.app.folder.main
        made = await self.app.database.read(lambda c: summary(c, self.app.folder, asked, now))
        content, name = await asyncio.to_thread(partial(_file, self.app, made, bound, words))
        await self.post.file(visit.chat, content, name)
        await self.post.text(visit.chat, word(f"exported_{view}", visit.language))


def _file(
    app: Application, made: Summary, bound: BoundConsultation, words: set[str]
) -> tuple[bytes, str]:
    """The file that was asked for, and its name; a workbook when nothing was said."""
    stem = f"{bound.definition.id}-{made['week']}-{made['view']}"
    if words & REPORT:
        registry = app.folder.registry_of(bound)
        return render_report(made, bound, "pdf", registry=registry), f"{stem}.pdf"
    if words & DATA:
        return as_zip(export_files(made, bound, "datapackage")), f"{stem}-datapackage.zip"
    if "csv" in words:
        return as_zip(export_files(made, bound, "csv")), f"{stem}-csv.zip"
    ((_, content),) = export_files(made, bound, "xlsx").items()
    return content, f"{stem}.xlsx"


def _listed(bound: BoundConsultation, language: str, names: list[str]) -> str:
    """Which questions have a table."""
    lines = [f"{name}: {in_language(bound.by_id[name].text, language)}" for name in names]
    return word("which_question", language, questions="\n".join(lines))
