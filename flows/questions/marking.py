"""multi and rank: several choices, marked one by one or typed at once; in a rank in order."""

from __future__ import annotations

import re

from flows.cleaning import fold, fold_label
from flows.consultation import Choice, QuestionType
from flows.questions.reading import (
    Asked,
    AsksOther,
    Marked,
    Reading,
    Refused,
    Reply,
    Taken,
    dont_know,
)

FINISH = "!ok"
"""The payload of Terminar."""

_SEPARATORS = re.compile(r"[,;+/>|]|\s+(?:y|e|et|and)\s+")


def read(asked: Asked, reply: Reply) -> Reading:
    """A press toggles a mark; several numbers or labels typed together answer at once."""
    if reply.is_dont_know:
        return dont_know(asked)
    if reply.pressed is not None:
        return _press(asked, reply.pressed)
    if _means_finish(asked, reply.text):
        return _finish(asked)
    return _typed(asked, reply.text)


def _means_finish(asked: Asked, text: str) -> bool:
    words = asked.bound.instance.words.strings.get("TERMINAR", {})
    return fold(text) in {fold_label(word) for word in words.values()} | {"ok", "listo", "0"}


def _finish(asked: Asked) -> Reading:
    if asked.marks:
        return Taken(values=asked.marks)
    if asked.question.type is QuestionType.MULTI:
        return Taken(values=())
    return Refused(reason="nothing_chosen")


def _press(asked: Asked, code: str) -> Reading:
    if code == FINISH:
        return _finish(asked)
    choice = asked.choice(code)
    if choice is None:
        return Refused(reason="no_such_choice")
    if code in asked.marks:
        left = tuple(mark for mark in asked.marks if mark != code)
        return Marked(marks=left, by_press=True)
    return _add(asked, choice, by_press=True)


def _most(asked: Asked) -> int:
    return asked.question.max_choices or len(asked.choices)


def _add(asked: Asked, choice: Choice, *, by_press: bool) -> Reading:
    is_rank = asked.question.type is QuestionType.RANK
    if choice.exclusive:
        if is_rank and asked.marks:
            return Refused(reason="exclusive_after_choice")
        return Taken(values=(choice.code,))
    if len(asked.marks) >= _most(asked):
        return Refused(reason="too_many", say="MULTI_MAX", values={"max": _most(asked)})
    marks = (*asked.marks, choice.code)
    if choice.other:
        return AsksOther(marks=marks)
    if is_rank and len(marks) == _most(asked):
        return Taken(values=marks)
    return Marked(marks=marks, by_press=by_press)


def _typed(asked: Asked, text: str) -> Reading:
    """`3` marks one; `3 1 5`, `3 0` or `agua, empleo` are the whole answer."""
    if (only := _only(asked, text)) is not None:
        added = _add(asked, only, by_press=False)
        return Taken(values=added.marks) if isinstance(added, Marked) else added
    whole = asked.typed(text)
    found = [whole] if whole else _several(asked, text)
    if not found or any(choice is None for choice in found):
        return Refused(reason="no_such_choice")
    chosen = [choice for choice in found if choice is not None]
    codes = [choice.code for choice in chosen]
    if len(set(codes)) < len(codes) or any(code in asked.marks for code in codes):
        return Refused(reason="already_chosen", say="YA_ELEGIDO")
    if len(chosen) == 1:
        return _add(asked, chosen[0], by_press=False)
    if any(choice.exclusive for choice in chosen):
        return Refused(reason="exclusive_with_others")
    marks = (*asked.marks, *codes)
    if len(marks) > _most(asked):
        return Refused(reason="too_many", say="MULTI_MAX", values={"max": _most(asked)})
    if any(choice.other for choice in chosen):
        return AsksOther(marks=marks)
    return Taken(values=marks)


def _only(asked: Asked, text: str) -> Choice | None:
    """`3 0`: this one and no more, in one message."""
    first, _, last = fold(text).partition(" ")
    is_one = first.isascii() and first.isdigit() and last == "0"
    choice = asked.typed(first) if is_one else None
    return None if choice is None or choice.code in asked.marks else choice


def _several(asked: Asked, text: str) -> list[Choice | None]:
    numbers = fold(text).split()
    if len(numbers) > 2 and numbers[-1] == "0":
        numbers = numbers[:-1]
    if len(numbers) > 1 and all(part.isascii() and part.isdigit() for part in numbers):
        return [asked.typed(part) for part in numbers[:20]]
    parts = [part for part in _SEPARATORS.split(text) if part.strip()]
    return [asked.typed(part) for part in parts[:20]] if len(parts) > 1 else []
