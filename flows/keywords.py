"""The words that mean the same in every question: PAUSA, SALTAR, BORRAR, NO SÉ…

A whole message that equals a keyword in any of the four languages is that keyword; anything
longer is text. `/command` forms are the same words.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.city import SystemWords
from flows.cleaning import fold
from flows.limits import SOURCE_CHARS

LONGEST = 40


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
