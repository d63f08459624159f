"""What the platform refuses beyond its published schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.whatsapp.specification import faults

Payload = dict[str, Any]
MOST_ROWS = 10
MOST_TEXT = 4096
MOST_BODY = 1024


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def refusals(payload: Payload) -> list[str]:
    """Everything that is wrong with a payload; empty when the platform takes its form."""
    return [*faults(payload), *_unwritten(payload)]


def _unwritten(payload: Payload) -> Iterator[str]:
    if payload.get("type", "text") == "text" and "text" in payload:
        yield from _text(payload["text"].get("body", ""), MOST_TEXT)
    interactive = payload.get("interactive", {})
    action = interactive.get("action", {})
    if interactive:
        yield from _text(interactive.get("body", {}).get("text", "x"), MOST_BODY)
    if interactive.get("type") == "button":
        replies = [button.get("reply", {}) for button in action.get("buttons", ())]
        yield from _alike("button ids", [r.get("id", "") for r in replies])
        yield from _alike("button titles", [r.get("title", "") for r in replies])
    if interactive.get("type") == "list":
        yield from _list(action)


def _list(action: Payload) -> Iterator[str]:
    sections = action.get("sections", ())
    rows = [row for section in sections for row in section.get("rows", ())]
    if not rows or len(rows) > MOST_ROWS:
        yield f"{len(rows)} rows in all sections together"
    if len(sections) > 1 and not all(section.get("title") for section in sections):
        yield "a section without a title"
    if not action.get("button", "").strip():
        yield "the list's button is empty"
    yield from _alike("row ids", [row.get("id", "") for row in rows])
    if any(not row.get("title", "").strip() for row in rows):
        yield "a row's title is empty"


def _text(text: str, most: int) -> Iterator[str]:
    if not text.strip():
        yield "the text is empty"
    if units(text) > most:
        yield f"the text has more than {most} characters"


def _alike(what: str, values: list[str]) -> Iterator[str]:
    if len(set(values)) < len(values):
        yield f"two {what} are the same"
    if any(not value.strip() or value != value.strip() for value in values):
        yield f"{what}: empty, or with spaces around"
