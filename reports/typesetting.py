"""Typst, fed with data: one call gives PDF, SVG or PNG of a template in this package.

Words of people go in as JSON and are shown as strings; the root is the folder of the templates,
no package is loaded, and only the vendored fonts are used. The same data gives the same bytes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from functools import cache
from importlib.resources import as_file, files
from typing import Any

NO_GLYPH = "\u25a1"
"""Stands for a character that no vendored font draws; page and exports keep the character."""
MOST_CHARS = 6_000
"""More than a page of one string: longer ones end in an ellipsis (Typst gives up on 100,000)."""
ACCESSIBLE = "ua-1"
"""PDF/UA-1 (ISO 14289-1): tagged, with a title, a language and text for every picture."""


def typeset(template: str, data: object, **output: Any) -> bytes:
    """The template filled with data. `output` is Typst's: format, ppi, pdf_standards.

    Every string of the data is made drawable first, so that no text can stop the page.
    """
    import typst

    text = json.dumps(_drawable_data(data), ensure_ascii=False)
    with as_file(files("reports")) as root:
        compiled = typst.compile(
            str(root / "templates" / template),
            root=str(root / "templates"),
            font_paths=[str(root / "fonts")],
            ignore_system_fonts=True,
            sys_inputs={"data": text},
            **output,
        )
    return bytes(compiled)


def undated(pdf: bytes) -> bytes:
    """Same length, no time of making: the same data gives the same bytes."""
    return re.sub(rb"D:\d{14}", b"D:20000101000000", pdf)


def _drawable_data(data: object) -> object:
    match data:
        case str():
            return drawable(data)
        case dict():
            return {key: _drawable_data(value) for key, value in data.items()}
        case list() | tuple():
            return [_drawable_data(value) for value in data]
        case _:
            return data


def drawable(text: str) -> str:
    """The text composed (NFC), without controls and invisible marks; □ for what has no glyph."""
    whole = text if len(text) <= MOST_CHARS else text[: MOST_CHARS - 1] + "…"
    composed = unicodedata.normalize("NFC", whole)
    return "".join(_glyph(char) for char in composed)


def _glyph(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Cf" or char in "\ufe0e\ufe0f":
        return ""
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    return char if is_drawn(ord(char)) else NO_GLYPH


def is_drawn(code: int) -> bool:
    """Whether a vendored font has a glyph for a code point."""
    starts, ends = _coverage()
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    text = (files("reports") / "fonts" / "coverage.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    pairs = [part.partition("-") for line in lines for part in line.split()]
    starts = [int(first, 16) for first, _, _ in pairs]
    ends = [int(last or first, 16) for first, _, last in pairs]
    return starts, ends
