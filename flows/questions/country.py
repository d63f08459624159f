"""country: a name in any of the four languages, or an ISO code; small slips are asked about."""

from __future__ import annotations

import difflib

from flows.cleaning import fold
from flows.questions.reading import Asked, Reading, Refused, Reply, Suggested, Taken

CLOSE = 0.75
"""How alike a name must be to ask "did you mean": one slip in a short name."""


def read(asked: Asked, reply: Reply) -> Reading:
    """The ISO code of the country. Kept in code form, whatever the language."""
    if reply.pressed is not None:
        choice = asked.choice(reply.pressed)
        return Taken(values=(choice.code,)) if choice else Refused(reason="no_such_choice")
    shown = asked.typed(reply.text)
    if shown is not None:
        return Taken(values=(shown.code,))
    names = asked.bound.country_names
    wanted = fold(reply.text)
    if wanted in names:
        return Taken(values=(names[wanted],))
    near = difflib.get_close_matches(wanted, names, 1, CLOSE) if 3 < len(wanted) < 60 else []
    if near:
        return Suggested(code=names[near[0]])
    return Refused(reason="no_such_country", say="PAIS_NO")
