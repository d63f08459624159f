"""Text as people type it, made safe to keep and easy to compare."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from flows.limits import TEXT_INPUT_CHARS

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_SIMPLE = re.compile(r"[a-z0-9]+")


def clean_text(text: str, limit: int = TEXT_INPUT_CHARS) -> str:
    """Safe to store: lone surrogates become U+FFFD, NUL is dropped, the length is bounded."""
    return _SURROGATE.sub("\ufffd", text[: limit + 1]).replace("\x00", "")[:limit]


def fold(text: str) -> str:
    """What two ways of typing the same thing share: no case, accents, marks or punctuation.

    `1️⃣`, `１`, `①` and `1.` fold to `1`; `Sí` and `s\u00adi` to `si`. Idempotent.
    """
    if _SIMPLE.fullmatch(text):
        return text
    compatible = unicodedata.normalize("NFKD", text).casefold()
    kept = []
    for char in unicodedata.normalize("NFKD", compatible):
        category = unicodedata.category(char)
        if category[0] in "LN":
            kept.append(char)
        elif category[0] in "ZPS" or category == "Cc":
            kept.append(" ")
    return _SPACES.sub(" ", "".join(kept)).strip()


@lru_cache(maxsize=8192)
def fold_label(label: str) -> str:
    """`fold` of an author's own words, remembered; never given what a person typed."""
    return fold(label)
