"""The officials' codebook of open answers: themes with words that suggest them (RC11).

A suggestion is never a code: a person confirms. Words are compared folded, in any language; a
word that ends in `*` stands for every word that begins so, several words are a phrase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows.cleaning import fold
from flows.languages import LocalText
from flows.yaml_source import Node, Reader, parse_yaml

STEM = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTheme:
    """One theme of open answers. `words` suggest it, `unless` take the suggestion back."""

    code: str
    label: LocalText
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def fits(self, folded: str) -> bool:
        """Whether a folded text suggests the theme."""
        return _has(folded, self.words) and not _has(folded, self.unless)


Codebook = Mapping[str, tuple[CodeTheme, ...]]
"""Question to its themes."""


def _has(folded: str, words: tuple[str, ...]) -> bool:
    padded = f" {folded} "
    return any(
        f" {word[:-1]}" in padded if word.endswith(STEM) else f" {word} " in padded
        for word in words
    )


def suggest(text: str, themes: tuple[CodeTheme, ...]) -> tuple[str, ...]:
    """The codes that rules and words suggest for a text, in the codebook's order."""
    folded = fold(text)
    return tuple(theme.code for theme in themes if theme.fits(folded))


def parse_codebook(text: str, source: str) -> Codebook:
    """`codebook.yaml`: question to themes, each with code, label, words, unless."""
    reader = Reader(source)
    root = parse_yaml(text, source)
    book: dict[str, tuple[CodeTheme, ...]] = {}
    for question, node in reader.mapping(root, "The codebook").items():
        themes = tuple(_theme(reader, item) for item in reader.items(node, question))
        seen: set[str] = set()
        for theme in themes:
            if theme.code in seen:
                reader.wrong(node.line, "twice", f"{question}: the code «{theme.code}» is twice.")
            seen.add(theme.code)
        book[question] = themes
    reader.finish()
    return book


def _theme(reader: Reader, node: Node) -> CodeTheme:
    pairs = reader.mapping(node, "A theme", ("code", "label", "words", "unless"))
    code = reader.string(pairs.get("code"), "code")
    if not code or "|" in code or " " in code:
        reader.wrong(node.line, "code", "A theme needs a code without spaces or |.")
    return CodeTheme(
        code=code,
        label=reader.text(pairs.get("label"), "label") or {"es": code},
        words=tuple(_folded(w) for w in reader.strings(pairs.get("words"), "words")),
        unless=tuple(_folded(w) for w in reader.strings(pairs.get("unless"), "unless")),
    )


def _folded(word: str) -> str:
    return fold(word.removesuffix(STEM)) + (STEM if word.endswith(STEM) else "")
