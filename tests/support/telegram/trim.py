"""Makes the small copy of the specification: `python -m tests.support.telegram.trim FULL.json`.

Links, prose and changelogs go; names, types, what is required, and the sentences with a limit
or a fixed value stay. One method or object is one line, so that a new version reads as a diff.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.telegram.specification import COPY, always_in, limit_in


def _field(raw: Mapping[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = {"name": raw["name"], "types": raw["types"]}
    if raw["required"]:
        field["required"] = True
    sentences = raw["description"].split(". ")
    kept = [s for s in sentences if limit_in(s) or always_in(raw["name"], s)]
    if kept:
        field["description"] = ". ".join(kept)
    return field


def _kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"fields": [_field(field) for field in raw.get("fields", ())]}
    if raw.get("subtypes"):
        kept["subtypes"] = raw["subtypes"]
    return kept


def _lines(named: Mapping[str, Mapping[str, Any]]) -> str:
    return ",\n".join(
        f"{json.dumps(name)}: {json.dumps(_kept(raw))}" for name, raw in named.items()
    )


def trimmed(full: Mapping[str, Any]) -> str:
    """The small copy's text."""
    return (
        f'{{"version": {json.dumps(full["version"])},\n'
        f'"methods": {{\n{_lines(full["methods"])}\n}},\n'
        f'"types": {{\n{_lines(full["types"])}\n}}}}\n'
    )


if __name__ == "__main__":
    COPY.write_text(trimmed(json.loads(Path(sys.argv[1]).read_text("utf-8"))), encoding="utf-8")
