"""What one WhatsApp message says, by its type."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from flows.inbound import Arrived, Body, Edited, Pressed, Said, Unsupported

REFUSED = frozenset({
    "audio", "voice", "image", "video", "document", "sticker", "location", "contacts", "order",
    "unsupported", "gif", "poll", "product",
})  # fmt: skip
"""Answered kindly and never fetched: a media id lives for seven days, then nothing is left."""
SILENT = frozenset({"reaction", "revoke", "ephemeral", "errors", "pin", "request_call"})
"""Nothing that wants an answer: a thumb under a message, a message taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was said. `names`: the earlier message that this one is about."""

    body: Body
    names: str = ""


class _Text(msgspec.Struct):
    body: str = ""


class _Reply(msgspec.Struct):
    id: str


class _Interactive(msgspec.Struct):
    type: str = ""
    button_reply: _Reply | None = None
    list_reply: _Reply | None = None


class _Button(msgspec.Struct):
    payload: str = ""
    text: str = ""


class _Inner(msgspec.Struct):
    type: str = ""
    text: _Text | None = None


class _Edit(msgspec.Struct):
    original_message_id: str = ""
    message: _Inner | None = None


class _Content(msgspec.Struct):
    text: _Text | None = None
    interactive: _Interactive | None = None
    button: _Button | None = None
    edit: _Edit | None = None


_decode = msgspec.json.Decoder(_Content, strict=False).decode


def body_of(kind: str, raw: bytes) -> Content | str | None:
    """What a message of a type says; a word when nothing is to be said to it; None: unknown.

    Raises msgspec.DecodeError when the content is not of its type.
    """
    if kind in REFUSED:
        return Content(body=Unsupported(kind=kind))
    if kind in SILENT:
        return kind
    content = _decode(raw)
    match kind:
        case "text":
            return Content(body=Said(text=content.text.body)) if content.text else None
        case "interactive":
            return _chosen(content.interactive)
        case "button":
            button = content.button or _Button()
            pressed = button.payload or button.text
            return Content(body=Pressed(payload=pressed)) if pressed else None
        case "edit":
            return _edited(content.edit)
        case "request_welcome":
            return Content(body=Arrived())
        case _:
            return None


def _chosen(interactive: _Interactive | None) -> Content | str:
    """A button or a row. Without either Meta could not show it: kindly asked again."""
    if interactive is None:
        return Content(body=Unsupported(kind="interactive"))
    reply = interactive.button_reply or interactive.list_reply
    if reply is not None:
        return Content(body=Pressed(payload=reply.id))
    return interactive.type or "interactive"  # an answer to a form or a call we never send


def _edited(edit: _Edit | None) -> Content | str:
    """An edited text may mend the last typed answer; an edited caption changes nothing."""
    inner = edit.message if edit else None
    if edit is None or inner is None or inner.text is None:
        return "edit"
    return Content(body=Edited(text=inner.text.body), names=edit.original_message_id)
