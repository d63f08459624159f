"""Telegram's HTML: what `parse_mode` makes of a text, and what it cannot parse."""

from __future__ import annotations

import re
from typing import Any

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "blockquote": "blockquote",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_ATTRIBUTE = r"\s+([A-Za-z-]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?"
_UNNAMED = _ATTRIBUTE.replace("([", "(?:[")
_TAG = re.compile(rf"<(/?)([A-Za-z0-9-]*)((?:{_UNNAMED})*)\s*>")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));")


class CannotParse(Exception):
    """The text is not Telegram's HTML; the message says why in Telegram's words."""


def units(text: str) -> int:
    """The length of a text as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return NAMED.get(name, reference[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 else reference[0]


def _plain(text: str) -> str:
    return _REFERENCE.sub(_character, text)


def _attributes(text: str) -> dict[str, str]:
    found = re.findall(_ATTRIBUTE, text)
    return {name.lower(): _plain(one or two or three) for name, one, two, three in found}


def _entity(name: str, attributes: dict[str, str], at: str) -> dict[str, Any]:
    if name not in KINDS:
        raise CannotParse(f'Unsupported start tag "{name}" {at}')
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise CannotParse(f'Tag "span" must have class "tg-spoiler" {at}')
    if name == "tg-emoji" and not attributes.get("emoji-id"):
        raise CannotParse(f'Tag "tg-emoji" must have attribute "emoji-id" {at}')
    entity: dict[str, Any] = {"type": KINDS[name]}
    if name == "a":
        entity["url"] = attributes.get("href", "")
    if name == "tg-emoji":
        entity["custom_emoji_id"] = attributes["emoji-id"]
    if name == "tg-time":
        entity["unix_time"] = int(attributes.get("unix", "0"))
    if name == "blockquote" and "expandable" in attributes:
        entity["type"] = "expandable_blockquote"
    return entity


class _Reader:
    """Walks through a text, holding the tags that are still open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain = ""
        self.open: list[tuple[str, dict[str, Any]]] = []
        self.entities: list[dict[str, Any]] = []

    def at(self, place: int) -> str:
        return f"at byte offset {len(self.source[:place].encode('utf-8', 'surrogatepass'))}"

    def start(self, name: str, attributes: str, at: str) -> None:
        entity = _entity(name, _attributes(attributes), at)
        self.open.append((name, entity | {"offset": units(self.plain)}))

    def end(self, name: str, at: str) -> None:
        if not self.open:
            raise CannotParse(f"Unexpected end tag {at}")
        expected, entity = self.open.pop()
        if name != expected:
            raise CannotParse(
                f'Unmatched end tag {at}, expected "</{expected}>", found "</{name}>"'
            )
        entity["length"] = units(self.plain) - entity["offset"]
        pointless = entity["type"] == "text_link" and not entity["url"]
        if entity["length"] and not pointless:
            self.entities.append(entity)

    def read(self) -> None:
        place = 0
        while (opening := self.source.find("<", place)) >= 0:
            self.plain += _plain(self.source[place:opening])
            tag = _TAG.match(self.source, opening)
            if tag is None:
                raise CannotParse(f"Unclosed or malformed tag {self.at(opening)}")
            if tag[1]:
                self.end(tag[2].lower(), self.at(opening))
            else:
                self.start(tag[2].lower(), tag[3], self.at(opening))
            place = tag.end()
        self.plain += _plain(self.source[place:])
        if self.open:
            name = self.open[-1][0]
            where = self.at(len(self.source))
            raise CannotParse(f'Can\'t find end tag corresponding to start tag "{name}" {where}')


def read_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without its tags, and the entities the tags stood for."""
    reader = _Reader(text)
    reader.read()
    return reader.plain, sorted(reader.entities, key=lambda e: (e["offset"], -e["length"]))
