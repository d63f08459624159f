"""Templates, headers, and the words of the pages themselves."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.app import Application
from flows.languages import LANGUAGES, closest_language, in_language

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with "no-referrer" a form says Origin: null
    "Cache-Control": "no-store",
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bot.web"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


@cache
def words() -> dict[str, dict[str, str]]:
    """The words of the pages in four languages."""
    text = (files("bot.web") / "words.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


def language_of(request: Request) -> str:
    """?lang=, else the browser's first language that we speak, else Spanish."""
    asked = request.query_params.get("lang", "")
    listed = [asked, *request.headers.get("accept-language", "").split(",")]
    found = (closest_language(tag.partition(";")[0].strip(), LANGUAGES) for tag in listed)
    return next((code for code in found if code), "es")


def template(
    name: str, request: Request, app: Application, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page with what every page has."""
    language = language_of(request)
    city = app.folder.instance.city
    page = (
        _environment()
        .get_template(name)
        .render(
            language=language,
            languages=LANGUAGES,
            w={code: in_language(text, language) for code, text in words().items()},
            city=in_language(city.name, language),
            government=in_language(city.government, language),
            title=in_language(app.folder.main.definition.title, language),
            made_up=city.made_up,
            source=request.query_params.get("s", "")[:40],
            **values,
        )
    )
    return HTMLResponse(page, status_code=status, headers=HEADERS)
