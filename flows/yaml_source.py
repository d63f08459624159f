"""YAML with the line of everything, bounded; and a reader that collects every mistake.

PyYAML composes the nodes; scalars keep the text they were written with, so that `NO` is the
code NO and not the boolean. Aliases are refused: a definition needs none, a bomb does.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import yaml

from flows.errors import DefinitionError, Issue
from flows.languages import LANGUAGES
from flows.limits import DEFINITION_CHARS, DEFINITION_DEPTH

Tree = "dict[str, Node] | list[Node] | str | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML node: a mapping, a list, a scalar as written, or nothing; and its line."""

    value: dict[str, Node] | list[Node] | str | None
    line: int


def parse_yaml(text: str, source: str) -> Node:
    """The tree of a YAML text. Raises DefinitionError with the line of what is wrong."""
    if len(text) > DEFINITION_CHARS:
        raise _refused(source, 1, "too_large", f"The file is over {DEFINITION_CHARS} characters.")
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise _refused(source, line, "alias", "Write the value out; aliases are refused.")
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        said = problem.problem or "not valid"
        raise _refused(source, line, "yaml", f"This is not valid YAML: {said}.") from problem
    except (yaml.YAMLError, RecursionError) as problem:
        raise _refused(source, 1, "yaml", "This cannot be read as YAML.") from problem
    if root is None:
        raise _refused(source, 1, "empty", "The file is empty.")
    return _node(root, source, 0)


def _refused(source: str, line: int, code: str, sentence: str) -> DefinitionError:
    return DefinitionError((Issue(code=code, where=f"{source}:{line}", sentence=sentence),))


def _node(node: yaml.Node, source: str, depth: int) -> Node:
    line = node.start_mark.line + 1
    if depth > DEFINITION_DEPTH:
        raise _refused(source, line, "too_deep", f"Nested deeper than {DEFINITION_DEPTH}.")
    if isinstance(node, yaml.MappingNode):
        pairs = {}
        for key, value in node.value:
            if str(key.value) in pairs:
                raise _refused(
                    source,
                    key.start_mark.line + 1,
                    "twice",
                    f"«{key.value}» is given twice; keep one.",
                )
            pairs[str(key.value)] = _node(value, source, depth + 1)
        return Node(pairs, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(item, source, depth + 1) for item in node.value], line)
    is_null = node.tag == "tag:yaml.org,2002:null"
    return Node(None if is_null else str(node.value), line)


@dataclass(slots=True)
class Reader:
    """Reads values out of nodes; a mistake is written down and a harmless value returned."""

    source: str
    issues: list[Issue] = field(default_factory=list)

    def wrong(self, line: int, code: str, sentence: str, *, warning: bool = False) -> None:
        """Write a mistake down."""
        where = f"{self.source}:{line}"
        self.issues.append(Issue(code=code, where=where, sentence=sentence, warning=warning))

    def finish(self) -> None:
        """Raise DefinitionError if anything refuses."""
        if any(not issue.warning for issue in self.issues):
            raise DefinitionError(tuple(self.issues))

    def mapping(self, node: Node, what: str, known: Iterable[str] = ()) -> dict[str, Node]:
        """The pairs of a mapping; unknown keys are mistakes when `known` is given."""
        if not isinstance(node.value, dict):
            self.wrong(node.line, "type", f"{what} must be a mapping (key: value).")
            return {}
        names = tuple(known)
        for key, value in node.value.items():
            if names and key not in names:
                near = difflib.get_close_matches(key, names, 1)
                mend = f"Did you mean «{near[0]}»?" if near else f"Known: {', '.join(names)}."
                self.wrong(value.line, "unknown_key", f"{what} has no «{key}». {mend}")
        return node.value

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list; nothing is an empty list."""
        if node is None or node.value is None:
            return []
        if not isinstance(node.value, list):
            self.wrong(node.line, "type", f"{what} must be a list.")
            return []
        return node.value

    def string(self, node: Node | None, what: str, default: str = "") -> str:
        """A scalar as it was written."""
        if node is None or node.value is None:
            return default
        if not isinstance(node.value, str):
            self.wrong(node.line, "type", f"{what} must be a text.")
            return default
        return node.value

    def strings(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of scalars."""
        return tuple(self.string(item, what) for item in self.items(node, what))

    def whole(self, node: Node | None, what: str, default: int) -> int:
        """A whole number, zero or more."""
        text = self.string(node, what)
        if not text:
            return default
        if node is not None and not (text.isascii() and text.isdigit() and len(text) < 10):
            self.wrong(node.line, "type", f"{what} must be a whole number, not «{text}».")
            return default
        return int(text)

    def truth(self, node: Node | None, what: str) -> bool:
        """true or false; absent is false."""
        text = self.string(node, what, "false").lower()
        if node is not None and text not in ("true", "false"):
            self.wrong(node.line, "type", f"{what} must be true or false, not «{text}».")
        return text == "true"

    def day(self, node: Node | None, what: str) -> date:
        """A day written 2026-12-31."""
        text = self.string(node, what)
        try:
            return date.fromisoformat(text)
        except ValueError:
            if node is not None:
                self.wrong(node.line, "date", f"{what} must be a day such as 2026-12-31.")
            return date(1970, 1, 1)

    def text(self, node: Node | None, what: str) -> dict[str, str]:
        """A text in languages; a plain string is the same in all of them."""
        if node is None or node.value is None:
            return {}
        if isinstance(node.value, str):
            return dict.fromkeys(LANGUAGES, node.value)
        pairs = self.mapping(node, what)
        for code, value in pairs.items():
            if code not in LANGUAGES:
                mend = f"Languages are {', '.join(LANGUAGES)}."
                self.wrong(value.line, "language", f"{what}: no language «{code}». {mend}")
        return {code: self.string(value, what) for code, value in pairs.items()}
