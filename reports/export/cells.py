"""The one rule for texts that leave as cells (T10): no text may become a formula."""

from __future__ import annotations

import unicodedata

TRIGGERS = frozenset("=+-@")
MARK = "'"
"""Put before a text that a spreadsheet would take for a formula; documented in the codebook."""
MOST_CHARS = 32_000
"""A cell of a spreadsheet holds 32,767 characters."""


def safe_cell(text: str) -> str:
    """The text composed (NFC), on one line, without controls, marked if it looks like a formula.

    It looks like one when its first visible character, also after NFKC (fullwidth signs), is
    one of = + - @.
    """
    kept = "".join(_kept(char) for char in unicodedata.normalize("NFC", text))[:MOST_CHARS]
    first = next((char for char in kept if not _is_invisible(char)), "")
    looks = unicodedata.normalize("NFKC", first)[:1] in TRIGGERS if first else False
    return MARK + kept if looks else kept


def _kept(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Cs":
        return "\ufffd"
    return " " if kind in ("Cc", "Zl", "Zp") else char


def _is_invisible(char: str) -> bool:
    """Spaces, byte order marks, zero-width and bidirectional marks, fillers without a shape."""
    return unicodedata.category(char) in ("Zs", "Cf") or char in "\u3164\u115f\u1160\uffa0\u2800"
