"""consent, single and scale: one choice."""

from __future__ import annotations

from flows.questions.reading import Asked, AsksOther, Reading, Refused, Reply, Taken, dont_know


def read(asked: Asked, reply: Reply) -> Reading:
    """One choice by button, number, word or label."""
    if reply.is_dont_know:
        return dont_know(asked)
    choice = asked.choice(reply.pressed) if reply.pressed is not None else asked.typed(reply.text)
    if choice is None:
        return Refused(reason="no_such_choice")
    if choice.other:
        return AsksOther(marks=(choice.code,))
    return Taken(values=(choice.code,))
