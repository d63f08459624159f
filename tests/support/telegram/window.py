"""A chat as Telegram shows it, as a page: for looking at, and for the pictures of the guide."""

from __future__ import annotations

import base64
from html import escape

from tests.support.telegram.state import Bot, Message, Object

STYLE = """
* { box-sizing: border-box }
body { margin: 0; background: #8fb3a0; font: 15px/1.35 Inter, sans-serif }
header { background: #fff; padding: 10px 14px; font-weight: 600; border-bottom: 1px solid #ddd }
header small { display: block; font-weight: 400; color: #667 }
main { padding: 10px; display: flex; flex-direction: column; gap: 6px }
.message { max-width: 86%; align-self: flex-start }
.mine { align-self: flex-end }
.bubble { background: #fff; border-radius: 14px; padding: 8px 12px }
.bubble { white-space: pre-wrap; overflow-wrap: anywhere }
.mine .bubble { background: #e2fbc8 }
.bubble img { width: 100%; display: block; border-radius: 8px; margin-bottom: 6px }
.row { display: flex; gap: 4px; margin-top: 4px }
.row span { flex: 1; text-align: center; background: #4f7d6999; color: #fff }
.row span { border-radius: 8px; padding: 7px 6px }
.file { color: #2a7 }
"""


def window(bot: Bot, chat_id: int, *, last: int = 20) -> str:
    """The last messages of a chat as an HTML page of one phone."""
    name = escape(bot.texts.get(("name", ""), bot.username))
    messages = list(bot.chats[chat_id].messages.values())[-last:]
    shown = "".join(_message(message) for message in messages)
    return (
        f'<!doctype html><html lang="es"><meta charset="utf-8"><title>{name}</title>'
        f"<style>{STYLE}</style><header>{name}<small>bot</small></header><main>{shown}</main>"
    )


def _message(message: Message) -> str:
    side = "message" if message.own else "message mine"
    rows = "".join(f'<div class="row">{_buttons(row)}</div>' for row in message.keyboard)
    return f'<div class="{side}"><div class="bubble">{_content(message)}</div>{rows}</div>'


def _buttons(row: list[Object]) -> str:
    return "".join(f"<span>{escape(button['text'])}</span>" for button in row)


def _content(message: Message) -> str:
    if message.content and message.content.startswith(b"\x89PNG"):
        data = base64.b64encode(message.content).decode()
        return f'<img alt="" src="data:image/png;base64,{data}">{escape(message.text)}'
    if "document" in message.value:
        name = escape(message.value["document"]["file_name"])
        return f'<span class="file">{name}</span>'
    return escape(message.text)
