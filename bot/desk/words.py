"""The desk's words, in the official's language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from flows.languages import closest_language, in_language

LANGUAGES = ("es", "pt", "fr", "en")


@cache
def _words() -> dict[str, dict[str, str]]:
    text = (files("bot.desk") / "words.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def word(code: str, language: str, **values: object) -> str:
    """A sentence of the desk."""
    text = in_language(_words()[code], language)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def language_of(tag: str | None) -> str:
    """The desk's language for a profile's locale; Spanish when it is none of the four."""
    return closest_language(tag, LANGUAGES) or "es"
