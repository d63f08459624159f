"""Conditions: a strict, bounded subset of XPath 1.0 as XLSForm uses it. (interface; being written)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition; `references` are the questions it reads."""

    source: str
    references: frozenset[str]

    def holds(self, answers: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether it is true for these answers; an unanswered operand is the empty string."""
        raise NotImplementedError


def parse_expression(source: str) -> Expression:
    """Parse; raises flows.errors.ExpressionError with place and mend."""
    raise NotImplementedError
