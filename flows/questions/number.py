"""number: a whole or decimal number within bounds, with a point or a comma."""

from __future__ import annotations

import re
from decimal import Decimal

from flows.questions.reading import Asked, Reading, Refused, Reply, Taken

_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,6})?")


def read(asked: Asked, reply: Reply) -> Reading:
    """A number between the question's min and max; kept without trailing zeros."""
    text = reply.text.strip()
    question = asked.question
    refused = Refused(
        reason="no_number",
        say="NUMERO_MAL",
        values={"min": question.min or "0", "max": question.max or "…"},
    )
    if reply.pressed is not None or not _NUMBER.fullmatch(text) or not text.isascii():
        return refused
    number = Decimal(text.replace(",", "."))
    if question.min is not None and number < Decimal(question.min):
        return refused
    if question.max is not None and number > Decimal(question.max):
        return refused
    return Taken(values=(f"{number.normalize():f}",))
