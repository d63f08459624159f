"""local_area: a part of the city, by its number in the list or its name."""

from __future__ import annotations

import difflib

from flows.cleaning import fold
from flows.questions.reading import Asked, Reading, Refused, Reply, Taken, dont_know

CLOSE = 0.85
"""Names of areas are told apart by little; only a clear slip is taken as the name."""


def read(asked: Asked, reply: Reply) -> Reading:
    """The code of the area."""
    if reply.is_dont_know:
        return dont_know(asked)
    choice = asked.choice(reply.pressed) if reply.pressed is not None else asked.typed(reply.text)
    if choice is not None:
        return Taken(values=(choice.code,))
    names = asked.bound.area_names
    wanted = fold(reply.text)
    near = difflib.get_close_matches(wanted, names, 1, CLOSE) if 3 < len(wanted) < 60 else []
    if reply.pressed is None and near:
        return Taken(values=(names[near[0]],))
    return Refused(reason="no_such_area")
