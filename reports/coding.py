"""Themes of open answers as people coded them (RC11): counts, agreement, what repeats.

The figures are those of the first coder, the one who began; a second coder is the check, and
their agreement is told. Themes under k people are named without a number, never dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flows.cleaning import fold
from flows.codebook import CodeTheme
from flows.readings import CodedText
from reports.percent import percent
from reports.statistics.agreement import agreement

REPEATED = 3
"""A text that so many people wrote alike is flagged."""
SHORTEST = 15
"""Shorter texts («más agua») are alike by themselves."""
BURST = 10
MINUTE = 60_000_000
"""So many texts to one question within a minute are flagged."""

Codes = tuple[str, ...]


def coding_block(
    texts: Sequence[CodedText], themes: Sequence[CodeTheme], k: int
) -> dict[str, Any] | None:
    """The block of one question; None while under k texts are coded."""
    coders = _coders(texts)
    if not coders:
        return None
    coded = {at: given[coders[0]] for at, given in _by_coder(texts).items() if coders[0] in given}
    if len(coded) < k:
        return None
    flagged = flags(texts)
    counts = Counter(code for codes in coded.values() for code in set(codes))
    calm = [codes for at, codes in coded.items() if at not in flagged]
    without = Counter(code for codes in calm for code in set(codes))
    known = [theme for theme in themes if counts[theme.code]]
    shown = sorted(
        (t for t in known if counts[t.code] >= k), key=lambda t: (-counts[t.code], t.code)
    )
    return {
        "coded": len(coded),
        "uncoded_percent": percent(len(texts) - len(coded), len(texts)),
        "themes": [
            {
                "code": t.code,
                "label": dict(t.label),
                "n": counts[t.code],
                "percent": percent(counts[t.code], len(coded)),
                "without_flagged": percent(without[t.code], len(calm)),
            }
            for t in shown
        ],
        "also": [dict(t.label) for t in known if counts[t.code] < k],
        "agreement": _agreement(texts, coders, k),
        "flagged": len(flagged & set(coded)),
    }


def _by_coder(texts: Sequence[CodedText]) -> dict[int, dict[str, Codes]]:
    """Text to coder to codes."""
    return {
        at: {coder: tuple(sorted(set(codes))) for _, coder, codes in text.codings}
        for at, text in enumerate(texts)
        if text.codings
    }


def _coders(texts: Sequence[CodedText]) -> list[str]:
    """Who coded, the one who began first."""
    began: dict[str, int] = {}
    for text in texts:
        for at, coder, _ in text.codings:
            began[coder] = min(at, began.get(coder, at))
    return sorted(began, key=lambda coder: (began[coder], coder))


def _agreement(texts: Sequence[CodedText], coders: Sequence[str], k: int) -> dict[str, Any] | None:
    """Of the first two coders, over the texts both coded; a text's codes are one value."""
    if len(coders) < 2:
        return None
    first, second = coders[:2]
    pairs = [
        (given[first], given[second])
        for given in _by_coder(texts).values()
        if first in given and second in given
    ]
    found = agreement(pairs)
    if found is None or found.n < k:
        return None
    kappa = None if found.kappa is None else _two_places(found.kappa)
    agreed = found.observed
    return {
        "n": found.n,
        "percent": percent(agreed.numerator * (found.n // agreed.denominator), found.n),
        "kappa": kappa,
    }


def _two_places(exact: Fraction) -> str:
    """Two decimals, half away from zero."""
    hundredths = (2 * abs(exact.numerator) * 100 + exact.denominator) // (2 * exact.denominator)
    sign = "-" if exact < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"


def flags(texts: Sequence[CodedText]) -> set[int]:
    """Places of texts that repeat, or came in a burst. They count; nothing is deleted (T5)."""
    alike = Counter(fold(text.text) for text in texts)
    repeated = {
        at
        for at, text in enumerate(texts)
        if len(text.text) >= SHORTEST and alike[fold(text.text)] >= REPEATED
    }
    return repeated | _bursts(texts)


def _bursts(texts: Sequence[CodedText]) -> set[int]:
    order = sorted(range(len(texts)), key=lambda at: texts[at].answered_at)
    found: set[int] = set()
    for start in range(len(order) - BURST + 1):
        window = order[start : start + BURST]
        if texts[window[-1]].answered_at - texts[window[0]].answered_at < MINUTE:
            found |= set(window)
    return found
