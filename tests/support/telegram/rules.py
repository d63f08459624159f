"""Rules that the specification's types do not hold: keyboards, commands, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.telegram.refusing import Refused

MOST_BUTTONS = 100
WIDEST_ROW = 8  # an inline row of more is cut by Telegram; here it is refused
LARGEST_PHOTO = 10 * 2**20
LARGEST_FILE = 50 * 2**20

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
LANGUAGE = re.compile(r"([a-z]{2})?")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
BESIDE_THE_ACTION = frozenset({"text", "icon_custom_emoji_id", "style"})

Object = Mapping[str, Any]


def _keyboard(value: Object) -> None:
    rows = value["inline_keyboard"]
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise Refused.bad("reply markup is too long")
    if any(len(row) > WIDEST_ROW for row in rows):
        raise Refused.bad(f"an inline keyboard row has more than {WIDEST_ROW} buttons")


def _button(value: Object) -> None:
    actions = value.keys() - BESIDE_THE_ACTION
    if not value["text"].strip():
        raise Refused.bad("can't parse inline keyboard button: button text must be non-empty")
    if not actions:
        raise Refused.bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        named = ", ".join(sorted(actions))
        raise Refused.bad(f"can't parse inline keyboard button: it does several things: {named}")
    if "url" in value:
        _address(value["url"])


def _address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "tg"} or not parts.netloc:
        raise Refused.bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if parts.hostname in {"t.me", "telegram.me"}:
        payloads = parse_qs(parts.query, keep_blank_values=True)
        for payload in payloads.get("start", []) + payloads.get("startgroup", []):
            if not START_PAYLOAD.fullmatch(payload):
                raise Refused.bad(f"START_PARAM_INVALID: {payload!r}")


def _command(value: Object) -> None:
    if not COMMAND.fullmatch(value["command"]):
        raise Refused.bad("BOT_COMMAND_INVALID")


def _webhook(value: Object) -> None:
    parts = urlsplit(value["url"])
    near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if value["url"] and not (parts.hostname and (parts.scheme == "https" or near)):
        raise Refused.bad("bad webhook: An HTTPS URL must be provided for webhook")
    if "secret_token" in value and not SECRET_TOKEN.fullmatch(value["secret_token"]):
        raise Refused.bad("secret token contains unallowed characters")
    if not 1 <= value.get("max_connections", 40) <= 100:
        raise Refused.bad("max_connections must be 1-100")


def _language(value: Object) -> None:
    if not LANGUAGE.fullmatch(value.get("language_code", "")):
        raise Refused.bad("LANG_CODE_INVALID")


def _edit(value: Object) -> None:
    here = "chat_id" in value and "message_id" in value
    if here == ("inline_message_id" in value):
        raise Refused.bad("message identifier is not specified")


def _edit_text(value: Object) -> None:
    _edit(value)
    if ("text" in value) == ("rich_message" in value):
        raise Refused.bad("message text is empty")


RULES: Mapping[str, Callable[[Object], None]] = {
    "InlineKeyboardMarkup": _keyboard,
    "InlineKeyboardButton": _button,
    "BotCommand": _command,
    "setWebhook": _webhook,
    "editMessageText": _edit_text,
    "editMessageReplyMarkup": _edit,
    "setMyCommands": _language,
    "getMyCommands": _language,
    "setMyName": _language,
    "setMyDescription": _language,
    "setMyShortDescription": _language,
}

TOO_LONG: Mapping[tuple[str, str], str] = {
    ("sendMessage", "text"): "message is too long",
    ("editMessageText", "text"): "message is too long",
    ("sendPhoto", "caption"): "message caption is too long",
    ("sendDocument", "caption"): "message caption is too long",
    ("answerCallbackQuery", "text"): "MESSAGE_TOO_LONG",
    ("InlineKeyboardButton", "callback_data"): "BUTTON_DATA_INVALID",
    ("BotCommand", "command"): "BOT_COMMAND_INVALID",
    ("BotCommand", "description"): "BOT_COMMAND_DESCRIPTION_INVALID",
}
EMPTY: Mapping[tuple[str, str], str] = {
    ("sendMessage", "text"): "message text is empty",
    ("editMessageText", "text"): "message text is empty",
    ("InlineKeyboardButton", "callback_data"): "BUTTON_DATA_INVALID",
    ("BotCommand", "command"): "BOT_COMMAND_INVALID",
    ("BotCommand", "description"): "BOT_COMMAND_DESCRIPTION_INVALID",
}
MISSING: Mapping[str, str] = {"text": "message text is empty", "chat_id": "chat_id is empty"}
