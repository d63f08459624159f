"""Meta's published schema of outgoing messages, mended so that its own examples pass.

As published none of Meta's 50 examples is valid: the parts of an `allOf` forbid each other's
properties, alternatives overlap in `oneOf`, and some enumerations lag behind the platform. The
copy beside this file stays as published (cut to the messages, MIT, `messages_v23.LICENSE`);
every repair is here, each with its reason.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

COPY = Path(__file__).parent / "messages_v23.json"
MARK_READ = {
    "type": "object",
    "required": ["messaging_product", "status", "message_id"],
    "properties": {
        "messaging_product": {"const": "whatsapp"},
        "status": {"const": "read"},
        "message_id": {"type": "string", "minLength": 1},
        "typing_indicator": {"properties": {"type": {"const": "text"}}, "required": ["type"]},
    },
    "additionalProperties": False,
}
"""The same address takes read marks; the schema does not say so, an example does."""


def _open(node: Any) -> None:
    """`additionalProperties: false` in one part of an `allOf` forbids what the others allow;
    alternatives that overlap are no `oneOf`.
    """
    if isinstance(node, list):
        for one in node:
            _open(one)
    elif isinstance(node, dict):
        node.pop("discriminator", None)
        if "oneOf" in node:
            node["anyOf"] = node.pop("oneOf")
        for one in node.get("allOf", ()):
            one.pop("additionalProperties", None)
        if "allOf" in node:
            node["unevaluatedProperties"] = False
        for value in node.values():
            _open(value)


def _mend(schemas: dict[str, Any]) -> None:
    _open(schemas)
    base = schemas["BaseMessageProperties"]
    # A business-scoped id goes into `recipient` instead of `to`; individual is the default, and a
    # message without a type is a text.
    base["required"] = ["messaging_product"]
    base["anyOf"] = [{"required": ["to"]}, {"required": ["recipient"]}]
    base["properties"] |= {
        "recipient": {"type": "string", "pattern": r"^[A-Z]{2}\.[A-Za-z0-9.]{1,160}$"},
        "biz_opaque_callback_data": {"type": "string", "maxLength": 512},
    }
    schemas["TextMessage"]["allOf"][1]["properties"]["text"]["required"] = ["body"]
    schemas["LanguageObject"]["required"] = ["code"]  # deterministic is the only policy
    component = schemas["TemplateComponent"]["properties"]
    component["index"] = {"type": ["string", "integer"], "pattern": "^[0-9]$", "minimum": 0}
    component["sub_type"]["enum"] += ["flow", "copy_code", "mpm", "order_details"]
    component["sub_type"]["enum"] += ["CATALOG"]  # an example writes it so
    location = schemas["LocationMessage"]["allOf"][1]["properties"]["location"]["properties"]
    location |= {"latitude": {"type": ["number", "string"]}}
    location |= {"longitude": {"type": ["number", "string"]}}
    interactive = schemas["InteractiveObject"]["properties"]["type"]["enum"]
    interactive += ["order_details", "order_status", "cta_url", "location_request_message"]
    action = schemas["ActionObject"]["anyOf"]
    paying = {"name": {"enum": ["review_and_pay", "review_order"]}}
    action.append({"required": ["name", "parameters"], "properties": paying})


@cache
def validator() -> Draft202012Validator:
    """Holds what we post to the schema."""
    schemas = json.loads(COPY.read_text(encoding="utf-8"))["schemas"]
    _mend(schemas)
    names = [name for name in schemas if name.endswith("Message") and name != "Message"]
    kinds = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schema = {"anyOf": [*kinds, MARK_READ], "components": {"schemas": schemas}}
    return Draft202012Validator(schema)


def faults(payload: Any) -> list[str]:
    """What the schema has against a payload: the place of each fault."""
    found = validator().iter_errors(payload)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]
