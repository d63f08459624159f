"""The words that mean the same in every question: PAUSA, SALTAR, BORRAR, NO SÉ…

A whole message that equals a keyword in any of the four languages is that keyword; anything
longer is text. `/command` forms are the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.city import SystemWords
from flows.cleaning import fold
from flows.limits import SOURCE_CHARS

LONGEST = 40
LANGUAGE_WORDS = {
    "es": ("espanol", "spanish", "espagnol", "espanhol", "castellano"),
    "pt": ("portugues", "portuguese", "portugais"),
    "fr": ("francais", "frances", "french"),
    "en": ("english", "ingles", "anglais"),
}
"""Folded: a whole message that is one of these asks for that language."""


def keyword_table(words: SystemWords) -> Mapping[str, str]:
    """Folded word to keyword name. Names themselves work as commands (`/mis`)."""
    table: dict[str, str] = {}
    for name, by_language in words.keywords.items():
        table[fold(name)] = name
        for typed in by_language.values():
            for word in typed:
                table[fold(word)] = name
                table[fold(word).replace(" ", "")] = name
    return table


def find_keyword(text: str, table: Mapping[str, str]) -> str | None:
    """The keyword that the whole message is, or None."""
    if len(text) > LONGEST:
        return None
    return table.get(fold(text.removeprefix("/").replace("_", " ")))


def find_source(text: str, table: Mapping[str, str]) -> str | None:
    """The source code in `PARTICIPAR BIB12` or `/start src_lyon`, empty if none, or None.

    None means that the message is no request to take part.
    """
    first, _, rest = text.strip().removeprefix("/").partition(" ")
    if first.lower() != "start" and table.get(fold(first)) != "participar":
        return None
    code = rest.strip()
    is_code = len(code) <= SOURCE_CHARS and code.replace("-", "").replace("_", "").isalnum()
    return code if code and code.isascii() and is_code else ("" if not code else None)


def find_language(text: str, offered: Sequence[str]) -> str | None:
    """The language that a whole message names (`English`, `inglés`), if it is offered."""
    wanted = fold(text)
    return next((code for code in offered if wanted in LANGUAGE_WORDS[code]), None)


def find_listed_language(text: str, offered: Sequence[str]) -> str | None:
    """The language with this number or code (`pt`) in the list of those offered."""
    wanted = fold(text)
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:3]) <= len(offered):
        return offered[int(wanted[:3]) - 1]
    return wanted if wanted in offered else None
