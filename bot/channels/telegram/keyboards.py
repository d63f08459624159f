"""A message as Telegram takes it: plain text, never markup, and an inline keyboard."""

from __future__ import annotations

from dataclasses import replace

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.base import CAPABILITIES
from bot.channels.rendering import Rendered, Shape, parts, render
from flows.messages import InputKind, Message

SHORT = 4
"""Labels of at most so many characters (a scale) stand side by side."""
ROW = 6
BLANK = "…"


def split(message: Message) -> tuple[Message, ...]:
    """A long text as several messages; the choices stand with the last."""
    texts = parts(message.text.strip() or BLANK, CAPABILITIES["telegram"].text_chars)
    first = tuple(
        replace(message, text=text, replies=(), input=InputKind.NOTHING) for text in texts[:-1]
    )
    return (*first, replace(message, text=texts[-1]))


def shown(message: Message) -> tuple[str, InlineKeyboardMarkup | None]:
    """The text and the keyboard of one message that `split` gave."""
    rendered = render(message, CAPABILITIES["telegram"])
    return rendered.texts[-1], keyboard(rendered)


def keyboard(rendered: Rendered) -> InlineKeyboardMarkup | None:
    """One button a row, so that long labels can be read; short ones side by side."""
    if rendered.shape is not Shape.BUTTONS:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    for reply in rendered.replies:
        button = InlineKeyboardButton(text=reply.label, callback_data=reply.payload)
        is_short = len(reply.label) <= SHORT
        if rows and is_short and len(rows[-1]) < ROW and len(rows[-1][-1].text) <= SHORT:
            rows[-1].append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(inline_keyboard=rows)
