"""A message as the Cloud API takes it: text, reply buttons or a list. Pure; one bubble each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.channels.base import CAPABILITIES
from bot.channels.rendering import Rendered, Shape, numbered, render
from bot.channels.whatsapp.webhooks import CARRIED, USER
from flows.limits import BUTTON_CHARS
from flows.messages import InputKind, Message, QuickReply

OWN = CAPABILITIES["whatsapp"]
BLANK = "…"
OPEN = "☰"
"""On the button that opens a list when the conversation gave it no words."""
Content = dict[str, Any]


def split(message: Message) -> tuple[Message, ...]:
    """One bubble; what is longer than Meta takes goes in several, typed numbers with it."""
    text = message.text.strip() or BLANK
    rendered = render(replace(message, text=text), OWN)
    if rendered.shape not in (Shape.NUMBERED, Shape.PLAIN):
        return (replace(message, text=text),)
    plain = replace(message, replies=(), input=InputKind.NOTHING, hint="")
    return tuple(replace(plain, text=part) for part in rendered.texts)


def addressed(address: str, *, by_phone: bool = False) -> Content:
    """Who it goes to. `address` holds the business-scoped id, the number, or both."""
    known = address.split()
    user = next((one for one in known if USER.fullmatch(one)), "")
    phone = next((one for one in known if one != user), "")
    to = {"recipient": user} if user and not (by_phone and phone) else {"to": phone}
    return {"messaging_product": "whatsapp", "recipient_type": "individual", **to}


def carrying(outbox_id: int) -> Content:
    """What Meta gives back with every status: our own id of the message."""
    return {"biz_opaque_callback_data": f"{CARRIED}{outbox_id}"}


def content(message: Message) -> Content:
    """The content of one message that `split` gave."""
    rendered = render(message, OWN)
    match rendered.shape:
        case Shape.BUTTONS if _differ(rendered.replies):
            return _buttons(rendered)
        case Shape.BUTTONS:
            return _text(f"{message.text}\n\n{numbered(message.replies)}")
        case Shape.LIST:
            return _list(rendered)
        case Shape.NUMBERED | Shape.PLAIN:
            return _text(rendered.texts[-1])


def _differ(replies: tuple[QuickReply, ...]) -> bool:
    """Meta refuses two buttons with the same words."""
    return len({reply.label for reply in replies}) == len(replies)


def _text(text: str) -> Content:
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def _buttons(rendered: Rendered) -> Content:
    buttons = [
        {"type": "reply", "reply": {"id": reply.payload, "title": reply.label}}
        for reply in rendered.replies
    ]
    action = {"buttons": buttons}
    return _interactive("button", rendered, action)


def _list(rendered: Rendered) -> Content:
    rows = []
    for reply in rendered.replies:
        row = {"id": reply.payload, "title": reply.label}
        rows.append(row | ({"description": reply.description} if reply.description else {}))
    label = rendered.list_label[:BUTTON_CHARS] or OPEN
    return _interactive("list", rendered, {"button": label, "sections": [{"rows": rows}]})


def _interactive(kind: str, rendered: Rendered, action: Content) -> Content:
    body = {"text": rendered.texts[-1]}
    return {"type": "interactive", "interactive": {"type": kind, "body": body, "action": action}}
