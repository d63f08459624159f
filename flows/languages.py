"""The four languages people are spoken to in, and texts that exist in several of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NewType

Language = NewType("Language", str)

LANGUAGES: tuple[Language, ...] = (
    Language("es"),
    Language("pt"),
    Language("fr"),
    Language("en"),
)
"""All equal; the order is only the one they are listed in."""

LocalText = Mapping[str, str]
"""One text in several languages, by language code."""


def in_language(text: LocalText, language: str) -> str:
    """The text in ``language``, else in the first of LANGUAGES that has it, else empty."""
    if language in text:
        return text[language]
    for code in LANGUAGES:
        if code in text:
            return text[code]
    return next(iter(text.values()), "")


def region_of(tag: str | None) -> str:
    """The country that a locale tag such as ``pt-BR`` names, or nothing."""
    last = (tag or "").replace("_", "-").rpartition("-")[2]
    return last.upper() if "-" in (tag or "").replace("_", "-") and len(last) == 2 else ""


def closest_language(tag: str | None, offered: tuple[str, ...]) -> str | None:
    """The offered language that a locale tag such as ``pt-BR`` names, or None."""
    if not tag:
        return None
    primary = tag.replace("_", "-").split("-", 1)[0].lower()
    return primary if primary in offered else None
