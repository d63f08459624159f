"""Quotes: only with permission, after redaction, both sides where there are two (ST9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flows.consultation import Consultation, Role
from flows.readings import Readings, Words
from reports.redaction import quotable

PER_SIDE = 2


def side_of(definition: Consultation, support: tuple[str, ...]) -> str | None:
    """favour or against, as the support question measures it; None for neither."""
    sides = (question.side(support[:1]) for question in definition.with_role(Role.SUPPORT))
    return next((side for side in sides if side is not None), None)


def pick(texts: Iterable[Words], most: int) -> list[tuple[Words, str]]:
    """The first quotable texts with permission, none twice."""
    found: list[tuple[Words, str]] = []
    seen: set[str] = set()
    for words in texts:
        quote = quotable(words.text) if words.may_quote else None
        if quote is None or quote.casefold() in seen:
            continue
        seen.add(quote.casefold())
        found.append((words, quote))
        if len(found) == most:
            break
    return found


def quotes(readings: Readings, definition: Consultation) -> list[dict[str, object]]:
    """Reasons of both sides, the dissenting side first."""
    reasons = {q.id for q in definition.with_role(Role.REASON)}
    found: list[dict[str, object]] = []
    for side in ("against", "favour"):
        texts = (
            w
            for w in readings.texts
            if w.question in reasons and side_of(definition, w.support) == side
        )
        for words, quote in pick(texts, PER_SIDE):
            found.append(
                {
                    "question": words.question,
                    "side": side,
                    "text": quote,
                    "language": words.language,
                }
            )
    return found


def needs(readings: Readings, definition: Consultation) -> list[dict[str, object]]:
    """The open need: how many wrote one, and a few of them."""
    found = []
    for question in definition.with_role(Role.NEED):
        texts = [w for w in readings.texts if w.question == question.id]
        found.append(
            {
                "question": question.id,
                "n": len(texts),
                "quotes": [
                    {"text": quote, "language": words.language} for words, quote in pick(texts, 4)
                ],
            }
        )
    return found


def still_said(texts: Iterable[Words]) -> set[str]:
    """Every quote that may still be made."""
    return {quote for w in texts if w.may_quote and (quote := quotable(w.text)) is not None}


def without_gone(given: Any, said: set[str]) -> Any:
    """A summary without the quotes that may not be made any more, wherever they stand."""
    if isinstance(given, dict):
        return {key: without_gone(value, said) for key, value in given.items()}
    if isinstance(given, list):
        return [without_gone(item, said) for item in given if not _is_gone(item, said)]
    return given


def _is_gone(item: Any, said: set[str]) -> bool:
    return (
        isinstance(item, dict) and {"text", "language"} <= set(item) and item["text"] not in said
    )
