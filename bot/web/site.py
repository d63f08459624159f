"""Every route of the site, and who may see which page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.app import Application
from bot.channels.webchat import WebChat
from bot.summaries import Asked, summary
from bot.web.chat import COOKIE, Chat, is_address
from bot.web.health import Health
from bot.web.inside import InsideKey
from bot.web.mine import Mine
from bot.web.pages import HEADERS, language_of, template, words
from flows.languages import in_language
from reports.labels import Labels
from reports.picture import main_ranking, main_support
from storage.live import ordinal

LOCALES = {"pt": "pt-BR", "fr": "fr-FR", "en": "en"}
GUIDES = (Path(__file__).parent / "guides", Path(__file__).parents[2] / "docs")
"""In a wheel the guides lie beside this file, in a checkout in docs/."""


class Site:
    """The pages that are not the chat."""

    def __init__(self, app: Application, inside: InsideKey | None) -> None:
        self.app = app
        self.inside = inside

    async def home(self, request: Request) -> Response:
        """The chat, or the demo's page."""
        where = "/chat" if self.inside else "/demo"
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(where + query)

    async def public(self, request: Request) -> Response:
        """The public page: to anybody."""
        return await self._page(request, "public")

    async def internal(self, request: Request) -> Response:
        """The internal page: to whoever has this run's key, on this machine."""
        refused = self.inside.door(request) if self.inside else None
        return refused or await self._page(request, "internal")

    async def _page(self, request: Request, view: str) -> Response:
        from reports.page import render_page

        made = await self._summary(view, self._locale(request))
        bound = self.app.folder.main
        registry = self.app.folder.registry_of(bound)
        page = render_page(made, bound, registry=registry, join="/chat")
        return Response(page, media_type="text/html; charset=utf-8", headers=HEADERS)

    async def pdf(self, _request: Request) -> Response:
        """The weekly page of the public view."""
        return await self._pdf(await self._summary("public", self.app.folder.instance.city.locale))

    async def monday(self, _request: Request) -> Response:
        """The demo's page of the last closed week, as officials get it."""
        now = self.app.clock.now()
        made = await self.app.database.read(
            lambda c: summary(c, self.app.folder, Asked(view="internal"), now)
        )
        return await self._pdf(made)

    async def _pdf(self, made: dict[str, Any]) -> Response:
        from reports.pdf import render_pdf

        return Response(
            render_pdf(made, self.app.folder.main), media_type="application/pdf", headers=HEADERS
        )

    async def data(self, _request: Request) -> Response:
        """The public summary as data."""
        made = await self._summary("public", self.app.folder.instance.city.locale)
        return Response(
            json.dumps(made, ensure_ascii=False, indent=2) + "\n",
            media_type="application/json",
            headers=HEADERS,
        )

    async def _summary(self, view: str, locale: str) -> dict[str, Any]:
        now = self.app.public_now() if view == "public" else self.app.clock.now()
        asked = Asked(view=view, locale=locale, week=self.app.week_of(now))
        return await self.app.database.read(lambda c: summary(c, self.app.folder, asked, now))

    def _locale(self, request: Request) -> str:
        language = language_of(request)
        own = self.app.folder.instance.city.locale
        return own if own.startswith(language) else LOCALES.get(language, own)

    async def demo(self, request: Request) -> Response:
        """The chat in a phone frame beside the live summary."""
        from bot.web.chat import give_cookie

        k = self.app.folder.instance.city.thresholds.public
        response = template("demo.html", request, self.app, k=k)
        give_cookie(request, response)
        return response

    async def another(self, request: Request) -> Response:
        """The demo again, as somebody else."""
        response = RedirectResponse(f"/demo?lang={language_of(request)}")
        response.delete_cookie(COOKIE)
        return response

    async def live(self, request: Request) -> Response:
        """The demo's numbers: the total, one's own place, the inside tables."""
        made = await self._summary("internal", self._locale(request))
        bound = self.app.folder.main
        labels = Labels(bound, made["locale"])
        address = request.cookies.get(COOKIE, "")
        number = await self._number(address) if is_address(address) else None
        ranking, support = main_ranking(made), main_support(made)
        themes = ranking["themes"] if ranking else []
        return JSONResponse(
            {
                "total": made["participation"]["valid"],
                "number": number,
                "asked": labels.question(support["id"]) if support else "",
                "themes": [
                    {
                        "rank": t["rank"],
                        "points": t["points"],
                        "label": labels.choice(ranking["id"], t["code"]) if ranking else "",
                    }
                    for t in themes
                ],
                "support": [
                    {"code": m["code"], "n": m["n"], "percent": labels.percent(m["percent"])}
                    for m in (reversed(support["measures"]) if support else [])
                ],
            },
            headers=HEADERS,
        )

    async def _number(self, address: str) -> int | None:
        definition = self.app.folder.main.definition
        substantive = [q.id for q in definition.questions if q.is_substantive]
        return await self.app.database.read(
            lambda c: ordinal(c, self.app.keys, "web", address, definition.id, substantive)
        )

    async def privacy(self, request: Request) -> Response:
        """The long notice."""
        definition = self.app.folder.main.definition
        text = in_language(definition.notice, language_of(request))
        heading = in_language(definition.title, language_of(request))
        return template("text.html", request, self.app, heading=heading, parts=text.split("\n\n"))

    async def guide(self, request: Request) -> Response:
        """The officials' guide, or the one it links to; HTML in it is shown as text."""
        from markdown_it import MarkdownIt

        name = f"guia-{request.path_params.get('name', 'funcionarios')}.md"
        known = {path.name: path for folder in GUIDES for path in folder.glob("guia-*.md")}
        if name not in known:
            raise HTTPException(404)
        markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        text = known[name].read_text(encoding="utf-8")
        return template("guide.html", request, self.app, body=markdown.render(text))

    async def lost(self, request: Request, _problem: Exception) -> Response:
        """No such page: a kind sentence and the way to the chat."""
        said = in_language(words()["lost"], language_of(request))
        heading = in_language(self.app.folder.main.definition.title, language_of(request))
        return template("text.html", request, self.app, 404, heading=heading, parts=[said])


def make_web(
    app: Application, channel: WebChat, inside: InsideKey | None, more: Sequence[Route] = ()
) -> Starlette:
    """The ASGI application. `inside` is None in the demo; `more` are the messengers' webhooks."""
    chat, site, mine = Chat(app, channel), Site(app, inside), Mine(app)
    health = Health(app)
    routes = [
        Route("/", site.home),
        Route("/chat", chat.page),
        Route("/chat/send", chat.send, methods=["POST"]),
        Route("/chat/stream", chat.stream),
        Route("/resumen", site.public),
        Route("/resumen.pdf", site.pdf),
        Route("/resumen.json", site.data),
        Route("/interno", site.internal),
        Route("/mis", mine.act, methods=["POST"]),
        Route("/mis/{token}", mine.ask),
        Route("/mis/{token}", mine.open, methods=["POST"]),
        Route("/privacidad", site.privacy),
        Route("/guia", site.guide),
        Route("/guia-{name}.md", site.guide),
        Route("/livez", health.alive),
        Route("/readyz", health.ready),
        Route("/metrics", health.metrics),
        Mount("/static", StaticFiles(directory=str(files("bot.web") / "static"))),
    ]
    if inside is None:
        routes += [
            Route("/demo", site.demo),
            Route("/demo/otra", site.another),
            Route("/demo/lunes.pdf", site.monday),
            Route("/demo/live.json", site.live),
        ]
    return Starlette(routes=[*routes, *more], exception_handlers={404: site.lost})
