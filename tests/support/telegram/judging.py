"""Judges a call by the specification: what Telegram would refuse before it looks at any chat.

It is stricter than Telegram in three ways that help a test: a field that the method does not
have is refused, numbers and texts nested in JSON are not taken for each other, and a number out
of its range is refused, not moved into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.telegram.forms import Files, Params, Upload
from tests.support.telegram.markup import CannotParse, read_html, units
from tests.support.telegram.refusing import Refusal, Refused
from tests.support.telegram.rules import (
    EMPTY,
    LARGEST_FILE,
    LARGEST_PHOTO,
    MISSING,
    RULES,
    TOO_LONG,
)
from tests.support.telegram.specification import Field, Fields, Limit, specification

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
ATTACHED = "attach://"


def judge(method: str, params: Mapping[str, Any], files: Files | None = None) -> Refusal | None:
    """The refusal of this call, or None when Telegram would look further."""
    try:
        understand(method, params, files or {})
    except Refused as refused:
        return refused.refusal
    return None


def understand(method: str, params: Mapping[str, Any], files: Files) -> Params:
    """The call's parameters as values, decoded from text and JSON; raises Refused."""
    fields = specification().methods.get(method)
    if fields is None:
        raise Refused.of(404)
    for name in params:
        if name not in fields:
            raise Refused.bad(f'method {method} has no parameter "{name}"')
    given = {name: value for name, value in params.items() if value != ""}
    if method == "setWebhook" and "url" in params:
        given["url"] = params["url"]  # an empty address takes the webhook away
    values = {name: _decoded(fields[name], value) for name, value in given.items()}
    _check_files(fields, values, files)
    _check_object(method, fields, values, files)
    return values


def _decoded(field: Field, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if "Integer" in field.types and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    if "String" in field.types or "InputFile" in field.types:
        return value
    match field.types:
        case ("Boolean",) if value.lower() in BOOLEANS:
            return BOOLEANS[value.lower()]
        case ("Integer",) | ("Boolean",) | ("Float",):
            return _number(field, value)
    try:
        return json.loads(value)
    except ValueError:
        named = "reply keyboard markup" if field.name == "reply_markup" else field.name
        raise Refused.bad(f"can't parse {named} JSON object") from None


def _number(field: Field, value: str) -> float:
    try:
        if field.types == ("Float",):
            return float(value)
    except ValueError:
        pass
    raise Refused.bad(f'parameter "{field.name}" must be of type {field.types[0]}')


def _attached(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(ATTACHED):
        yield value.removeprefix(ATTACHED)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _attached(item)
    elif isinstance(value, list):
        for item in value:
            yield from _attached(item)


def _check_files(fields: Fields, values: Params, files: Files) -> None:
    attached = set(_attached(values))
    for name in attached - files.keys():
        raise Refused.bad(f'there is no attached file "{name}"')
    for name, upload in files.items():
        direct = name in fields and "InputFile" in fields[name].types
        if not direct and name not in attached:
            raise Refused.bad(f'nothing refers to the file "{name}"')
        _check_size(name, upload, photo=name == "photo" or "photo" in values)


def _check_size(name: str, upload: Upload, *, photo: bool) -> None:
    if not upload.content:
        raise Refused.bad("file must be non-empty")
    if len(upload.content) > (LARGEST_PHOTO if photo else LARGEST_FILE):
        raise Refused.of(413)


def _check_object(
    owner: str, fields: Fields, values: Mapping[str, Any], files: Files | None = None
) -> None:
    for name in values:
        if name not in fields:
            raise Refused.bad(f'{owner} has no field "{name}"')
    for field in fields.values():
        if field.name in values:
            _check_field(owner, field, values)
        elif field.required and field.name not in (files or {}):
            plain = f'parameter "{field.name}" of {owner} is required'
            raise Refused.bad(MISSING.get(field.name, plain) if files is not None else plain)
    if owner in RULES:
        RULES[owner](values)


def _check_field(owner: str, field: Field, values: Mapping[str, Any]) -> None:
    value = values[field.name]
    _check_types(field.types, value, f"{owner}.{field.name}")
    if field.always is not None and value != field.always:
        raise Refused.bad(f'{owner}.{field.name} must be "{field.always}"')
    if field.marked and isinstance(value, str):
        mode = values.get(f"{field.name}_parse_mode", values.get("parse_mode"))
        value = plain_text(value, mode)[0]
    if field.limit is not None:
        _check_limit(owner, field, value, field.limit)


def plain_text(text: str, mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """What people would read of a text in this parse mode, and its entities."""
    if mode is None:
        return text, []
    if mode.lower() in {"markdown", "markdownv2"}:
        raise Refused.bad(f"this loopback does not read {mode}")
    if mode.lower() != "html":
        raise Refused.bad("unsupported parse_mode")
    try:
        return read_html(text)
    except CannotParse as cannot:
        raise Refused.bad(f"can't parse entities: {cannot}") from None


def _length(value: Any, unit: str) -> int:
    match unit:
        case "value":
            return int(value)
        case "items":
            return len(value)
        case "bytes":
            return len(str(value).encode("utf-8", "surrogatepass"))
    text = str(value)
    return units(text) if text.strip() else 0


def _check_limit(owner: str, field: Field, value: Any, limit: Limit) -> None:
    length = _length(value, limit.unit)
    if limit.low <= length <= limit.high:
        return
    named = f"{owner}.{field.name} must be {limit.low}-{limit.high} {limit.unit}, not {length}"
    words = TOO_LONG if length > limit.high else EMPTY
    raise Refused.bad(words.get((owner, field.name), named))


def _check_types(kinds: tuple[str, ...], value: Any, at: str) -> None:
    if len(kinds) == 1:
        return _check_type(kinds[0], value, at)
    likely = [kind for kind in kinds if _resembles(kind, value)]
    reasons: list[Refused] = []
    for kind in likely:
        try:
            return _check_type(kind, value, at)
        except Refused as refused:
            reasons.append(refused)
    if reasons:
        raise reasons[0]
    raise Refused.bad(f"{at} must be one of {', '.join(kinds)}")


def _resembles(kind: str, value: Any) -> bool:
    """Whether a value is meant as this type, so that its faults are the ones to report."""
    if not isinstance(value, dict):
        return kind not in specification().types or kind in specification().choices
    if kind in specification().choices:
        return True
    fields = specification().types.get(kind, {})
    return (
        bool(fields)
        and all(field.name in value for field in fields.values() if field.required)
        and all(value.get(f.name, f.always) == f.always for f in fields.values() if f.always)
    )


def _check_type(kind: str, value: Any, at: str) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    match kind:
        case "String" | "InputFile":
            fits = isinstance(value, str)
        case "Integer":
            fits = whole and -(2**63) <= value < 2**63
        case "Boolean":
            fits = isinstance(value, bool)
        case "Float":
            fits = whole or isinstance(value, float)
        case _:
            _check_composed(kind, value, at)
            fits = True
    if not fits:
        raise Refused.bad(f"{at} must be of type {kind}")


def _check_composed(kind: str, value: Any, at: str) -> None:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            raise Refused.bad(f"{at} must be an Array")
        for place, item in enumerate(value):
            _check_type(kind.removeprefix("Array of "), item, f"{at}[{place}]")
    elif kind in specification().choices:
        _check_types(specification().choices[kind], value, at)
    elif not isinstance(value, dict):
        raise Refused.bad(f"object expected as {at}")
    else:
        _check_object(kind, specification().types[kind], value)


def check_fits(kind: str, value: Any) -> None:
    """Raises Refused when a value is not an object of this type: for what the loopback sends."""
    _check_type(kind, value, kind)
