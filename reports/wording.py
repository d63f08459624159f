"""The words that summaries say around the figures, in four equal languages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from flows.languages import in_language


@cache
def words() -> dict[str, dict[str, str]]:
    """Code to text per language."""
    text = (files("reports") / "words" / "words.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def sentence(code: str, language: str, **values: object) -> str:
    """A word or sentence with its values filled in."""
    text = in_language(words().get(code, {"es": code}), language)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text
