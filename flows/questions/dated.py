"""date: a day, typed 2026-12-31 or 31/12/2026; kept as ISO."""

from __future__ import annotations

import re
from datetime import date

from flows.questions.reading import Asked, Reading, Refused, Reply, Taken

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")


def read(asked: Asked, reply: Reply) -> Reading:
    """A day that exists, within the question's min and max."""
    day = _parse(reply.text.strip()) if reply.pressed is None else None
    question = asked.question
    if (
        day is None
        or (question.min and day < date.fromisoformat(question.min))
        or (question.max and day > date.fromisoformat(question.max))
    ):
        return Refused(reason="no_date", say="FECHA_MAL")
    return Taken(values=(day.isoformat(),))


def _parse(text: str) -> date | None:
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
