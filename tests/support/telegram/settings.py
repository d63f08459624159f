"""Plays the methods that say what a bot is, and where its updates go."""

from __future__ import annotations

from typing import Any

from tests.support.telegram.forms import Files, Params
from tests.support.telegram.refusing import Refused
from tests.support.telegram.sending import Play
from tests.support.telegram.state import Bot, Object, Webhook


def get_me(bot: Bot, values: Params, files: Files) -> Object:
    return bot.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
    }


def set_webhook(bot: Bot, values: Params, files: Files) -> bool:
    bot.webhook = Webhook(
        url=values["url"],
        secret=values.get("secret_token"),
        max_connections=values.get("max_connections", 40),
    )
    if "allowed_updates" in values:
        bot.allow(values["allowed_updates"])
    return _drop_pending(bot, values)


def delete_webhook(bot: Bot, values: Params, files: Files) -> bool:
    bot.webhook = Webhook()
    return _drop_pending(bot, values)


def _drop_pending(bot: Bot, values: Params) -> bool:
    if values.get("drop_pending_updates"):
        bot.pending = []
    bot.bell.ring()  # a poll that waits must end
    return True


def get_webhook_info(bot: Bot, values: Params, files: Files) -> Object:
    bot.lose_old()
    hook = bot.webhook
    info: Object = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(bot.pending),
    }
    if hook.url:
        info["max_connections"] = hook.max_connections
    if bot.allowed is not None:
        info["allowed_updates"] = sorted(bot.allowed)
    if hook.error is not None and hook.error_at is not None:
        info |= {"last_error_date": int(hook.error_at), "last_error_message": hook.error}
    return info


def _scope(values: Params) -> str:
    scope = values.get("scope", {"type": "default"})
    return " ".join(str(part) for part in scope.values())


def set_my_commands(bot: Bot, values: Params, files: Files) -> bool:
    bot.commands[_scope(values), values.get("language_code", "")] = values["commands"]
    return True


def get_my_commands(bot: Bot, values: Params, files: Files) -> list[Object]:
    return bot.commands.get((_scope(values), values.get("language_code", "")), [])


def _setting(name: str) -> Play:
    def play(bot: Bot, values: Params, files: Files) -> bool:
        bot.texts[name, values.get("language_code", "")] = values.get(name, "")
        return True

    return play


def _reading(name: str) -> Play:
    def play(bot: Bot, values: Params, files: Files) -> Object:
        unnamed = bot.username if name == "name" else ""
        everywhere = bot.texts.get((name, "")) or unnamed
        return {name: bot.texts.get((name, values.get("language_code", ""))) or everywhere}

    return play


def set_chat_menu_button(bot: Bot, values: Params, files: Files) -> bool:
    if "chat_id" in values:
        bot.chat(values["chat_id"])
    bot.menus[values.get("chat_id")] = values.get("menu_button", {"type": "default"})
    return True


def get_chat_menu_button(bot: Bot, values: Params, files: Files) -> Any:
    return bot.menus.get(values.get("chat_id"), bot.menus.get(None, {"type": "default"}))


def get_file(bot: Bot, values: Params, files: Files) -> Object:
    file_id = values["file_id"]
    if file_id not in bot.files:
        raise Refused.bad("wrong file_id or the file is temporarily unavailable")
    stored = bot.files[file_id]
    return {
        "file_id": file_id,
        "file_unique_id": f"u{file_id}",
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


SETTINGS: dict[str, Play] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "setMyName": _setting("name"),
    "getMyName": _reading("name"),
    "setMyDescription": _setting("description"),
    "getMyDescription": _reading("description"),
    "setMyShortDescription": _setting("short_description"),
    "getMyShortDescription": _reading("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "getFile": get_file,
}
