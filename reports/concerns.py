"""Concerns that are new: a word that k people wrote by now, and fewer than k a week ago.

A word that fewer than k people wrote is never shown (RC6): it could point at somebody.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import files

from flows.cleaning import fold
from flows.consultation import Consultation, Role
from flows.readings import Readings

SHORTEST = 5
MOST = 3


@cache
def _common() -> frozenset[str]:
    """Long words that say nothing, in four languages."""
    return frozenset((files("reports") / "words" / "common.txt").read_text("utf-8").split())


def new_concerns(
    now: Readings, before: Readings, definition: Consultation, k: int
) -> list[tuple[str, int]]:
    """(word, people), most first: at least k people now, fewer than k before."""
    found, earlier = _people_by_word(now, definition), _people_by_word(before, definition)
    fresh = [(word, n) for word, n in found.items() if n >= k and earlier[word] < k]
    return sorted(fresh, key=lambda pair: (-pair[1], pair[0]))[:MOST]


def _people_by_word(readings: Readings, definition: Consultation) -> Counter[str]:
    questions = {q.id for q in definition.with_role(Role.NEED)}
    people: Counter[str] = Counter()
    for text in readings.texts:
        if text.question in questions:
            people.update({w for w in fold(text.text).split() if _tells(w)})
    return people


def _tells(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha() and word not in _common()
