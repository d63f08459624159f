"""Personal data in open answers: a text that seems to hold any is not quoted at all.

Patterns err on the side of silence; a person (issue: desk) may release what they catch.
"""

from __future__ import annotations

import re
import unicodedata

QUOTE_CHARS = 160

_PERSONAL = re.compile(
    r"""
      [\w.+-]+@[\w-]+\.\w+                     # e-mail
    | https?://|www\.                          # links
    | (?:\+|00)?\d(?:[\s.()-]?\d){6,}          # phones, cards, documents of seven digits or more
    | \b\d{1,3}(?:[.\s]\d{3}){2,}\b            # documents with thousands separators
    | -?\d{1,2}\.\d{3,}\s*,\s*-?\d{1,3}\.\d{3,}  # coordinates
    | \b[A-Z]{2,4}\d{6,}\w*                    # passports, CURP and the like
    | \b\d{6,}[A-Z]\b                          # DNI
    | \b(?:calle|carrera|cra|kra|cll|avenida|av|rua|rue|street)\.?\s*\d+  # addresses
    | @\w{4,}                                  # user names
    | \b(?:cc|c\.c\.|dni|cpf|curp|pasaporte|passport|nit)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CURP = re.compile(r"\b[A-Z]{4}\d{6}[A-Z0-9]{8}\b")


def has_personal_data(text: str) -> bool:
    """Whether a text seems to hold a contact, a document, an address or a place on a map."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_PERSONAL.search(plain) or _CURP.search(plain))


def quotable(text: str) -> str | None:
    """The text as it may be quoted: one line, short, visible; None if it may not."""
    if has_personal_data(text):
        return None
    kept = "".join(c if unicodedata.category(c)[0] != "C" or c == "\u200d" else " " for c in text)
    line = " ".join(kept.split())
    if sum(char.isalpha() for char in line) < 4:
        return None
    return line if len(line) <= QUOTE_CHARS else line[: QUOTE_CHARS - 1].rstrip() + "…"
