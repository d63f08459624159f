"""text: an open answer, kept in its own language and words."""

from __future__ import annotations

from flows.limits import ANSWER_CHARS
from flows.questions.reading import Asked, Reading, Refused, Reply, Taken


def read(asked: Asked, reply: Reply) -> Reading:
    """Any words up to the question's limit; too long is asked to be shortened, not cut."""
    if reply.pressed is not None or reply.is_dont_know:
        return Refused(reason="no_text")
    text = reply.text.strip()
    most = asked.question.max_chars or ANSWER_CHARS
    if not text:
        return Refused(reason="empty")
    if len(text) > most:
        return Refused(reason="too_long", say="TEXTO_LARGO", values={"max": most, "n": len(text)})
    return Taken(values=(text,))
