"""The texts that Meta approved for the city: `whatsapp.yaml` of the instance folder.

Outside the 24 hours after somebody wrote nothing else may be sent to them. A template is found
by the message's code and the person's language, never in another language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from bot.errors import InstanceError
from flows.languages import LANGUAGES
from flows.messages import Message

FILE = "whatsapp.yaml"
ANY = "*"
NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("marketing", "utility", "authentication")
MOST_TEXT = 900
"""Of a parameter: Meta counts the whole body, at most 1,024 characters, with the fixed words."""
Category = Literal["marketing", "utility", "authentication"]
Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One approved text. `languages`: ours to Meta's code, those in which it is approved.

    `has_text`: its body has one place, {{1}}, that takes the message's own words. `buttons`: so
    many of its quick replies carry the message's first choices.
    """

    name: str
    category: Category
    languages: Mapping[str, str]
    has_text: bool = False
    buttons: int = 0


Templates = Mapping[str, Template]


def load_templates(folder: Path) -> Templates:
    """Read whatsapp.yaml, if there is one. Raises InstanceError with the place and the mend."""
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise InstanceError(f"{FILE} cannot be read as YAML.") from problem
    listed = raw.get("templates") if isinstance(raw, dict) else None
    if not isinstance(listed, dict):
        raise InstanceError(f"{FILE}: write «templates:» and below it a code for each template.")
    return {str(code): _template(str(code), one) for code, one in listed.items()}


def _template(code: str, raw: Any) -> Template:
    def wrong(what: str) -> InstanceError:
        return InstanceError(f"{FILE}, templates, {code}: {what}.")

    if not isinstance(raw, dict) or not NAME.fullmatch(str(raw.get("name", ""))):
        raise wrong("«name» is the name it has at Meta: small letters, digits and _")
    if raw.get("category") not in CATEGORIES:
        raise wrong(f"«category» is one of {', '.join(CATEGORIES)}")
    languages = raw.get("languages")
    if not isinstance(languages, dict) or not set(languages) <= set(LANGUAGES) or not languages:
        raise wrong("«languages» gives Meta's code for some of es, pt, fr, en; e.g. {pt: pt_BR}")
    buttons = raw.get("buttons", 0)
    if not isinstance(buttons, int) or not 0 <= buttons <= 10:
        raise wrong("«buttons» is how many quick replies it has, 0 to 10")
    return Template(
        name=str(raw["name"]),
        category=cast("Category", raw["category"]),
        languages={str(ours): str(theirs) for ours, theirs in languages.items()},
        has_text=raw.get("text") is True,
        buttons=buttons,
    )


def find_template(templates: Templates, message: Message) -> Template | None:
    """The template for a message, or the one for any; only in the message's language."""
    for code in (message.code, ANY):
        found = templates.get(code)
        if found is not None and message.language in found.languages:
            return found
    return None


def content(template: Template, message: Message) -> Content:
    """The template as the Cloud API takes it."""
    components: list[Content] = []
    if template.has_text:
        parameter = {"type": "text", "text": in_one_line(message.text)}
        components.append({"type": "body", "parameters": [parameter]})
    for index, reply in enumerate(message.replies[: template.buttons]):
        payload = [{"type": "payload", "payload": reply.payload}]
        button = {"type": "button", "sub_type": "quick_reply", "index": str(index)}
        components.append({**button, "parameters": payload})
    code = template.languages[message.language]
    shown: Content = {
        "name": template.name,
        "language": {"policy": "deterministic", "code": code},
    }
    return {
        "type": "template",
        "template": shown | ({"components": components} if components else {}),
    }


def in_one_line(text: str) -> str:
    """Meta refuses line breaks, tabs and runs of spaces in a parameter (132012, secondary)."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_TEXT else line[: MOST_TEXT - 1] + "…"
