"""Makes the small copy of Meta's schema: `python -m tests.support.whatsapp.trim FULL.yaml`.

What an outgoing message is made of stays, as published; prose and examples go. One schema is one
line, so that a new version reads as a diff.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.support.whatsapp.specification import COPY

PROSE = ("description", "example", "examples", "default")


def _pruned(node: Any) -> Any:
    if isinstance(node, list):
        return [_pruned(one) for one in node]
    if not isinstance(node, dict):
        return node
    is_named = "type" not in node or isinstance(node["type"], dict)
    return {k: _pruned(v) for k, v in node.items() if is_named or k not in PROSE}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for one in node:
            yield from _references(one)


def trimmed(full: Any) -> str:
    """The small copy's text."""
    schemas = full["components"]["schemas"]
    waiting, kept = ["Message"], {}
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = _pruned(schemas[name])
            waiting += _references(schemas[name])
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(kept[name])}" for name in sorted(kept))
    return f'{{"version": {json.dumps(full["info"]["version"])},\n"schemas": {{\n{lines}\n}}}}\n'


if __name__ == "__main__":
    full = yaml.load(Path(sys.argv[1]).read_text("utf-8"), Loader=yaml.CSafeLoader)
    COPY.write_text(trimmed(full), encoding="utf-8")
