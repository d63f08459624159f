"""Conditions: a strict, bounded subset of XPath 1.0, the part of it that XLSForm authors use.

One parser for YAML and for workbooks. An expression is compiled once to closures; evaluating
never reaches beyond the answers it is given and cannot loop. Values are strings, floats and
booleans; an unanswered question is the empty string; several codes are joined by spaces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flows.errors import ExpressionError

Value = str | float | bool
Answers = Mapping[str, tuple[str, ...]]
Compiled = Callable[[Answers], Value]

MAX_CHARS = 2_000
"""Longer than any condition a person can read."""
MAX_DEPTH = 32
"""Nesting of parentheses and calls."""
MAX_TOKENS = 500

_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,63})\s*\})"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<string>'[^']*'|\"[^\"]*\")"
    r"|(?P<word>[A-Za-z][A-Za-z-]*)"
    r"|(?P<mark><=|>=|!=|[-+*=<>(),]))"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition; `references` are the questions it reads."""

    source: str
    references: frozenset[str]
    _run: Compiled = field(compare=False, repr=False)

    def holds(self, answers: Answers) -> bool:
        """Whether it is true for these answers."""
        return to_boolean(self._run(answers))


def parse_expression(source: str) -> Expression:
    """Parse a condition. Raises ExpressionError with the position and the mend."""
    if len(source) > MAX_CHARS:
        raise ExpressionError(f"The condition is longer than {MAX_CHARS} characters; split it.")
    parser = _Parser(_tokens(source))
    run = parser.expression(0)
    parser.expect_end()
    return Expression(source, frozenset(parser.references), run)


def to_string(value: Value) -> str:
    """XPath's string(): whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value


def to_number(value: Value) -> float:
    """XPath's number(): NaN for what is no number."""
    if isinstance(value, str):
        text = value.strip()
        return (
            float(text)
            if re.fullmatch(r"-?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})", text)
            else math.nan
        )
    return float(value)


def to_boolean(value: Value) -> bool:
    """XPath's boolean(): empty, zero and NaN are false."""
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    return bool(value)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(source: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            raise ExpressionError(
                f"Position {at + 1}: «{source[at : at + 12].strip()}» cannot be read here. "
                "Use ${Q}, 'text', numbers, = != < > and or not( ) selected( ) and parentheses."
            )
        kind = match.lastgroup or ""
        kind = "ref" if kind == "name" else kind
        text = match["name"] if kind == "ref" else match[kind]
        found.append(_Token(kind, text, match.start(kind)))
        at = match.end()
        if len(found) > MAX_TOKENS:
            raise ExpressionError(f"The condition has more than {MAX_TOKENS} parts; split it.")
    return found


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, float) or isinstance(right, float):
        return to_number(left) == to_number(right)
    return left == right


_BINARY: Mapping[str, tuple[int, Callable[[Value, Value], Value]]] = {
    "=": (3, _equal),
    "!=": (3, lambda a, b: not _equal(a, b)),
    "<": (4, lambda a, b: to_number(a) < to_number(b)),
    "<=": (4, lambda a, b: to_number(a) <= to_number(b)),
    ">": (4, lambda a, b: to_number(a) > to_number(b)),
    ">=": (4, lambda a, b: to_number(a) >= to_number(b)),
    "+": (5, lambda a, b: to_number(a) + to_number(b)),
    "-": (5, lambda a, b: to_number(a) - to_number(b)),
    "*": (6, lambda a, b: _bounded(to_number(a) * to_number(b))),
    "div": (6, lambda a, b: _divide(to_number(a), to_number(b))),
    "mod": (6, lambda a, b: _modulo(to_number(a), to_number(b))),
}
_LOGIC = {"or": 1, "and": 2}


def _bounded(number: float) -> float:
    return number if math.isfinite(number) else math.nan


def _divide(left: float, right: float) -> float:
    return _bounded(left / right) if right else math.nan


def _modulo(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


def _if(condition: Value, yes: Value, no: Value) -> Value:
    return yes if to_boolean(condition) else no


_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "not": (1, lambda a: not to_boolean(a)),
    "true": (0, lambda: True),
    "false": (0, lambda: False),
    "selected": (2, lambda a, b: to_string(b) in to_string(a).split()),
    "count-selected": (1, lambda a: float(len(to_string(a).split()))),
    "string-length": (1, lambda a: float(len(to_string(a)))),
    "coalesce": (2, lambda a, b: a if to_string(a) else b),
    "number": (1, to_number),
    "string": (1, to_string),
    "if": (3, _if),
}


class _Parser:
    """Precedence climbing over the tokens; collects the references it meets."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.references: set[str] = set()

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, mark: str) -> None:
        token = self.peek()
        if token is None or token.text != mark or token.kind not in ("mark", "word"):
            raise self.problem(f"«{mark}» is missing")
        self.at += 1

    def problem(self, what: str) -> ExpressionError:
        token = self.peek()
        where = f"Position {token.at + 1}" if token else "At the end"
        return ExpressionError(f"{where}: {what}.")

    def expect_end(self) -> None:
        token = self.peek()
        if token is not None:
            raise self.problem(f"«{token.text}» is one too many; join conditions with and, or")

    def expression(self, lowest: int) -> Compiled:
        """An operand and every operator that binds tighter than `lowest`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.problem(f"nested deeper than {MAX_DEPTH}; simplify the condition")
        left = self.operand()
        while (token := self.peek()) is not None and token.kind in ("mark", "word"):
            if token.text in _LOGIC and _LOGIC[token.text] > lowest:
                self.at += 1
                right = self.expression(_LOGIC[token.text])
                left = _logic(token.text, left, right)
            elif token.text in _BINARY and _BINARY[token.text][0] > lowest:
                self.at += 1
                strength, apply = _BINARY[token.text]
                left = _binary(apply, left, self.expression(strength))
            else:
                break
        self.depth -= 1
        return left

    def operand(self) -> Compiled:
        token = self.peek()
        if token is None:
            raise self.problem("something is missing, e.g. ${A01} or 'text'")
        self.at += 1
        match token.kind:
            case "ref":
                return self.reference(token.text)
            case "number":
                return _constant(float(token.text))
            case "string":
                return _constant(token.text[1:-1])
            case "word":
                return self.call(token)
            case _:
                pass
        if token.text == "(":
            inner = self.expression(0)
            self.take(")")
            return inner
        if token.text == "-":
            operand = self.expression(7)
            return lambda answers: -to_number(operand(answers))
        self.at -= 1
        raise self.problem(f"«{token.text}» cannot begin a value")

    def reference(self, name: str) -> Compiled:
        self.references.add(name)
        return lambda answers: " ".join(answers.get(name, ()))

    def call(self, token: _Token) -> Compiled:
        known = _FUNCTIONS.get(token.text)
        if known is None:
            self.at -= 1
            raise self.problem(
                f"«{token.text}» is not known; functions are {', '.join(sorted(_FUNCTIONS))}"
            )
        count, function = known
        self.take("(")
        arguments: list[Compiled] = []
        for index in range(count):
            if index:
                self.take(",")
            arguments.append(self.expression(0))
        self.take(")")
        return lambda answers: function(*(argument(answers) for argument in arguments))


def _constant(value: Value) -> Compiled:
    return lambda answers: value


def _binary(apply: Callable[[Value, Value], Value], left: Compiled, right: Compiled) -> Compiled:
    return lambda answers: apply(left(answers), right(answers))


def _logic(word: str, left: Compiled, right: Compiled) -> Compiled:
    if word == "and":
        return lambda answers: to_boolean(left(answers)) and to_boolean(right(answers))
    return lambda answers: to_boolean(left(answers)) or to_boolean(right(answers))
