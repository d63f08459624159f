"""What a page of the report is made of. Each block is a dictionary that both renderers draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reports.charts import Chart

Block = dict[str, Any]
Section = dict[str, Any]


def section(
    name: str, title: str, blocks: Iterable[Block | None], *, new_page: bool = False
) -> Section:
    """A part with a heading; blocks that are None are left out."""
    kept = [block for block in blocks if block is not None]
    return {"id": name, "title": title, "new_page": new_page, "blocks": kept}


def head(text: str) -> Block:
    """A heading inside a section."""
    return {"kind": "head", "text": text}


def para(text: str, tone: str = "normal") -> Block | None:
    """A paragraph: normal, soft (small print) or lead (the sentence to remember)."""
    return {"kind": "para", "text": text, "tone": tone} if text else None


def cards(items: Iterable[tuple[str, str]], tones: Sequence[str] = ()) -> Block:
    """Large figures, each with what it counts."""
    listed = list(items)
    kinds = [*tones, *["accent"] * (len(listed) - len(tones))]
    shown = [
        {"value": value, "label": label, "tone": tone}
        for (value, label), tone in zip(listed, kinds, strict=True)
    ]
    return {"kind": "cards", "items": shown}


def picture(chart: Chart, caption: str = "", width: int = 100) -> Block:
    """A chart with what it shows and its base; `width` in percent of the page."""
    return {"kind": "chart", "chart": chart, "caption": caption, "width": width}


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = (),
    widths: Sequence[float] = (), foot: str = "", total: bool = False,
) -> Block | None:  # fmt: skip
    """A table; `numbers` are the columns set to the right, `total` marks the last row."""
    listed = [list(row) for row in rows]
    if not listed:
        return None
    return {
        "kind": "table",
        "heads": list(heads),
        "rows": listed,
        "numbers": list(numbers),
        "widths": list(widths) or [1.0] * len(heads),
        "foot": foot,
        "total": total,
    }


def facts(pairs: Iterable[tuple[str, str]]) -> Block:
    """Terms with what they are; empty ones are left out."""
    return {"kind": "facts", "items": [{"term": t, "text": s} for t, s in pairs if s]}


def quote(text: str, language: str, side: str = "", by: str = "") -> Block:
    """Somebody's words, in their language; `side` is against, favour or nothing."""
    return {"kind": "quote", "text": text, "language": language, "side": side, "by": by}


def note(text: str, tone: str = "info", title: str = "") -> Block | None:
    """A box: info, warn (what to be careful with) or act (what to do)."""
    return {"kind": "note", "text": text, "tone": tone, "title": title} if text else None


def listed(items: Iterable[str]) -> Block | None:
    """A list of sentences."""
    kept = [item for item in items if item]
    return {"kind": "list", "items": kept} if kept else None


def columns(*parts: Sequence[Block | None]) -> Block:
    """Blocks side by side, with the same width."""
    kept = [[b for b in part if b is not None] for part in parts]
    return {"kind": "columns", "parts": kept, "whole": False}


def pairs(parts: Sequence[Sequence[Block | None]]) -> list[Block]:
    """Parts two by two, side by side, never cut by a page; the last may stand alone."""
    twos = [list(parts[at : at + 2]) for at in range(0, len(parts), 2)]
    return [{**columns(*two, *([()] * (2 - len(two)))), "whole": True} for two in twos]


def planes(items: Iterable[tuple[str, list[tuple[str, str]]]]) -> Block:
    """The four planes of the actor map: each its name and its (actor, role)."""
    shown = [
        {"title": title, "actors": [{"name": name, "role": role} for name, role in actors]}
        for title, actors in items
    ]
    return {"kind": "planes", "items": shown}
