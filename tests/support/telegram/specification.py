"""What the Bot API specification says: methods, objects, their fields, types and limits.

`telegram_api.json` here is trimmed by `trim.py` from the machine-readable specification of
Bot API 10.1 (MIT, see `telegram_api.LICENSE`): of each description only the sentences that hold
a limit or a fixed value are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

COPY = Path(__file__).with_name("telegram_api.json")

RANGE = re.compile(r"(?<![\d-])(\d+)-(\d+) (characters|bytes|items|identifiers)", re.IGNORECASE)
VALUES = re.compile(r"Values between (\d+)-(\d+)")
AT_MOST = re.compile(r"At most (\d+) [a-z ]+ can be specified")
MARKED = re.compile(r"after entit(?:y|ies) parsing")
ALWAYS = re.compile(r'(?:always "|must be "?)([a-z_0-9]+)"?$')
KINDS_OF_OBJECT = frozenset({"type", "status", "source"})


class Limit(NamedTuple):
    """How long a field may be: in characters, bytes or items, or between which values."""

    low: int
    high: int
    unit: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a method or of an object."""

    name: str
    types: tuple[str, ...]
    required: bool = False
    limit: Limit | None = None
    marked: bool = False  # its length is counted after parse_mode has been applied
    always: str | None = None  # the one value it may have


Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Specification:
    """Every method and object; `choices` are objects that are one of several others."""

    version: str
    methods: Mapping[str, Fields]
    types: Mapping[str, Fields]
    choices: Mapping[str, tuple[str, ...]]


def limit_in(description: str) -> Limit | None:
    """The limit that a description writes down, if it writes one."""
    if found := RANGE.search(description):
        unit = found[3].lower()
        return Limit(int(found[1]), int(found[2]), "items" if unit == "identifiers" else unit)
    if found := VALUES.search(description):
        return Limit(int(found[1]), int(found[2]), "value")
    if found := AT_MOST.search(description):
        return Limit(0, int(found[1]), "items")
    return None


def always_in(name: str, description: str) -> str | None:
    """The only value that a field such as `type` may have."""
    found = ALWAYS.search(description) if name in KINDS_OF_OBJECT else None
    return found[1] if found else None


def _field(raw: Mapping[str, Any]) -> Field:
    name, description = raw["name"], raw.get("description", "")
    return Field(
        name=name,
        types=tuple(raw["types"]),
        required=bool(raw.get("required")),
        limit=limit_in(description),
        marked=bool(MARKED.search(description)),
        always=always_in(name, description),
    )


def _fields(raw: Mapping[str, Any]) -> Fields:
    return {field["name"]: _field(field) for field in raw.get("fields", ())}


@cache
def specification() -> Specification:
    """The specification, read once."""
    raw = json.loads(COPY.read_text(encoding="utf-8"))
    return Specification(
        version=raw["version"],
        methods={name: _fields(method) for name, method in raw["methods"].items()},
        types={name: _fields(kind) for name, kind in raw["types"].items()},
        choices={
            name: tuple(kind["subtypes"])
            for name, kind in raw["types"].items()
            if kind.get("subtypes")
        },
    )
