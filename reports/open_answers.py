"""Open answers question by question: how many wrote, and what may be quoted (RC11, ST9).

Reasons are quoted in a place of their own (`reports/voices.py`): they belong to a side.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from flows.codebook import Codebook
from flows.consultation import Consultation, QuestionType, Role
from flows.readings import CodedText, Readings
from reports.coding import coding_block
from reports.voices import pick

MOST_QUOTES = 6
ELSEWHERE = frozenset({Role.REASON, Role.NARRATIVE})
"""Roles that other blocks of the summary quote: here they have their themes and no quote."""


def open_answers(
    readings: Readings, definition: Consultation, codebook: Codebook, k: int
) -> list[dict[str, object]]:
    """One entry per open question; under k texts there is no number and no quote."""
    written: Counter[str] = Counter()
    for name, _, _, _, is_skipped, _, count in readings.answers.rows():
        written[name] += 0 if is_skipped else count
    coded: dict[str, list[CodedText]] = defaultdict(list)
    for text in readings.coded:
        coded[text.question].append(text)
    found: list[dict[str, object]] = []
    for question in definition.questions:
        if question.type is not QuestionType.TEXT:
            continue
        texts = [w for w in readings.texts if w.question == question.id]
        n = written[question.id]
        few = 0 < n < k
        quotes = [] if few or question.role in ELSEWHERE else pick(texts, MOST_QUOTES)
        found.append(
            {
                "question": question.id,
                "n": None if few else n,
                "quotes": [{"text": quote, "language": w.language} for w, quote in quotes],
                "coding": coding_block(coded[question.id], codebook.get(question.id, ()), k),
            }
        )
    return found
