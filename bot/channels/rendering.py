"""One message in the shape a platform can show: buttons, a list, numbered text, or plain text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.channels.base import Capabilities
from flows.messages import InputKind, Message, QuickReply


class Shape(StrEnum):
    """How the choices are shown."""

    BUTTONS = "buttons"
    LIST = "list"
    NUMBERED = "numbered"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as a platform takes it. `texts` are its parts, the choices with the last."""

    texts: tuple[str, ...]
    shape: Shape
    replies: tuple[QuickReply, ...] = ()
    list_label: str = ""


def render(message: Message, capabilities: Capabilities) -> Rendered:
    """The richest shape that the platform can show whole; typed numbers always work."""
    offered = message.replies
    if not capabilities.edits:  # no marks to take back: what is chosen is not offered again
        offered = tuple(reply for reply in offered if not reply.marked)
    if not offered:
        texts = parts(message.text, capabilities.plain_chars)
        return Rendered(texts=texts, shape=Shape.PLAIN)
    shape = _shape(offered, capabilities)
    if capabilities.plain_chars > capabilities.text_chars and not fits(
        message.text, capabilities.text_chars
    ):
        shape = Shape.NUMBERED  # one bubble with typed numbers is better than two
    if shape is Shape.NUMBERED:
        whole = f"{message.text}\n\n{numbered(offered)}"
        return Rendered(texts=parts(whole, capabilities.plain_chars), shape=shape)
    limit = capabilities.button_chars if shape is Shape.BUTTONS else capabilities.row_chars
    return Rendered(
        texts=parts(_above(message, offered, shape, capabilities), capabilities.text_chars),
        shape=shape,
        replies=tuple(_fitted(reply, limit, capabilities, message.input) for reply in offered),
        list_label=message.list_label,
    )


def _above(
    message: Message, offered: tuple[QuickReply, ...], shape: Shape, capabilities: Capabilities
) -> str:
    """The text above the choices. Where several are tapped one by one, each tap is a message:
    the numbers are shown as well, so that they can be typed together.
    """
    if not message.hint or capabilities.edits or shape is not Shape.LIST:
        return message.text
    whole = f"{message.text}\n\n{numbered(offered)}\n\n{message.hint}"
    return whole if fits(whole, capabilities.text_chars) else message.text


def _shape(replies: tuple[QuickReply, ...], capabilities: Capabilities) -> Shape:
    is_short = all(len(r.label) <= capabilities.button_chars for r in replies)
    is_bare = not any(r.description for r in replies) or not capabilities.rows
    if len(replies) <= capabilities.buttons and (is_short or not capabilities.rows) and is_bare:
        return Shape.BUTTONS
    if len(replies) <= capabilities.rows:
        return Shape.LIST
    return Shape.NUMBERED


def _fitted(
    reply: QuickReply, limit: int, capabilities: Capabilities, kind: InputKind
) -> QuickReply:
    """The label within the limit, with its mark or place in front."""
    mark = f"{reply.place}. " if reply.place else ("✓ " if reply.marked else "")
    if kind is InputKind.MARKS and not reply.marked and capabilities.edits and reply.number:
        mark = "☐ "
    label = mark + reply.label
    return QuickReply(
        payload=reply.payload,
        label=label if len(label) <= limit else label[: limit - 1] + "…",
        description=reply.description[: capabilities.description_chars],
        number=reply.number,
        marked=reply.marked,
        place=reply.place,
    )


def numbered(replies: tuple[QuickReply, ...]) -> str:
    """The choices as lines; what has no number is typed by its word."""
    lines = []
    for reply in replies:
        mark = f" ({reply.place})" if reply.place else (" ✓" if reply.marked else "")
        lines.append(
            f"{reply.number}. {reply.label}{mark}" if reply.number else f"· {reply.label}"
        )
    return "\n".join(lines)


def parts(text: str, limit: int) -> tuple[str, ...]:
    """A long text in parts that fit, split at paragraphs or spaces.

    Lengths are UTF-16 code units, as Telegram and WhatsApp count: an emoji is two.
    """
    found = []
    while (most := _fitting(text, limit)) < len(text):
        at = max(text.rfind("\n\n", 0, most), text.rfind(" ", most // 2, most), most // 2)
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return (*found, text)


def fits(text: str, limit: int) -> bool:
    """Whether a text has at most so many UTF-16 units."""
    return _fitting(text, limit) == len(text)


def _fitting(text: str, limit: int) -> int:
    """How many characters of a text fit into so many UTF-16 units."""
    if len(text) * 2 <= limit:
        return len(text)
    units = 0
    for count, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > limit:
            return count
    return len(text)
