"""Plays the methods that put, change and take away messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.telegram.forms import Files, Params, Upload
from tests.support.telegram.judging import plain_text
from tests.support.telegram.refusing import Refused
from tests.support.telegram.state import Bot, Chat, Message, Object

Play = Callable[[Bot, Params, Files], Any]

ANSWER_WITHIN = 150.0  # seconds after which a pressed button can no longer be answered
DELETE_WITHIN = 48 * 3600.0
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def _mark(value: Object, name: str, values: Params) -> None:
    """Writes `text` or `caption` with its entities into a message."""
    if name not in values:
        return
    plain, entities = plain_text(values[name], values.get("parse_mode"))
    named = "entities" if name == "text" else "caption_entities"
    value[name] = plain
    if found := entities or values.get(named):
        value[named] = found


def _show(message: Message, markup: Object | None) -> None:
    """Gives a message its keyboard; only an inline one is part of the message."""
    message.markup = markup
    message.value.pop("reply_markup", None)
    if markup and "inline_keyboard" in markup:
        message.value["reply_markup"] = markup


def _answered(chat: Chat, values: Params) -> Object:
    reply = values.get("reply_parameters")
    if not reply:
        return {}
    answered = chat.messages.get(reply.get("message_id"))
    if answered is None and not reply.get("allow_sending_without_reply"):
        raise Refused.bad("message to be replied not found")
    return {"reply_to_message": dict(answered.value)} if answered else {}


def _send(bot: Bot, values: Params, extra: Object, content: bytes | None = None) -> Object:
    chat = bot.chat(values["chat_id"])
    value: Object = {
        "message_id": bot.number_message(),
        "from": bot.user,
        "chat": chat.value,
        "date": int(bot.now()),
        **_answered(chat, values),
        **extra,
    }
    _mark(value, "text", values)
    _mark(value, "caption", values)
    message = Message(value, own=True, content=content)
    message.texts.append(message.text)
    _show(message, values.get("reply_markup"))
    chat.messages[message.message_id] = message
    if bot.listener is not None:
        bot.listener(values["chat_id"], message)
    return json_copy(message.value)


def json_copy(value: Object) -> Object:
    """A copy that later changes do not reach."""
    copied: Object = json.loads(json.dumps(value))
    return copied


def _given(bot: Bot, name: str, values: Params, files: Files) -> tuple[str, Upload]:
    """The file of a send: newly uploaded, or known by its file_id."""
    where = values.get(name, f"attach://{name}")
    if where.startswith("attach://"):
        upload = files[where.removeprefix("attach://")]
        return bot.keep_file(f"{name}s", upload.name, upload.content), upload
    if where not in bot.files:
        raise Refused.bad("wrong file identifier/HTTP URL specified")
    known = bot.files[where]
    plain = Upload(known.path.rpartition("/")[2], "application/octet-stream", known.content)
    return where, plain


def send_message(bot: Bot, values: Params, files: Files) -> Object:
    return _send(bot, values, {})


def send_photo(bot: Bot, values: Params, files: Files) -> Object:
    bot.chat(values["chat_id"])
    file_id, upload = _given(bot, "photo", values, files)
    if not upload.content.startswith(PICTURES):
        raise Refused.bad("IMAGE_PROCESS_FAILED")
    return _send(bot, values, {"photo": photo_sizes(file_id, upload.content)}, upload.content)


def photo_sizes(file_id: str, content: bytes) -> list[Object]:
    """A photo as a message shows it; the sides of a PNG are read, others are 1."""
    wide, high = (
        (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
        if content.startswith(PICTURES[0]) and len(content) >= 24
        else (1, 1)
    )
    sides = {"width": wide, "height": high}
    return [
        {"file_id": file_id, "file_unique_id": f"u{file_id}", **sides, "file_size": len(content)}
    ]


def send_document(bot: Bot, values: Params, files: Files) -> Object:
    bot.chat(values["chat_id"])
    file_id, upload = _given(bot, "document", values, files)
    document = {
        "file_id": file_id,
        "file_unique_id": f"u{file_id}",
        "file_name": upload.name,
        "mime_type": upload.kind,
        "file_size": len(upload.content),
    }
    return _send(bot, values, {"document": document}, upload.content)


def send_chat_action(bot: Bot, values: Params, files: Files) -> bool:
    bot.chat(values["chat_id"])
    return True


def _to_edit(bot: Bot, values: Params) -> Message:
    if "inline_message_id" in values:
        raise Refused.bad("MESSAGE_ID_INVALID")
    message = bot.chat(values["chat_id"]).messages.get(values["message_id"])
    if message is None:
        raise Refused.bad("message to edit not found")
    if not message.own:
        raise Refused.bad("message can't be edited")
    return message


def _change(bot: Bot, message: Message, changed: Object, markup: Object | None) -> Object:
    same = all(message.value.get(name) == item for name, item in changed.items())
    if same and (message.markup or None) == (markup or None):
        raise Refused.bad(SAME)
    message.value |= changed | {"edit_date": int(bot.now())}
    message.texts.append(message.text)
    _show(message, markup)
    return json_copy(message.value)


def edit_message_text(bot: Bot, values: Params, files: Files) -> Object:
    message = _to_edit(bot, values)
    if "text" not in message.value:
        raise Refused.bad("there is no text in the message to edit")
    changed: Object = {"entities": None}
    _mark(changed, "text", values)
    answer = _change(bot, message, changed, _shown(values))
    if changed["entities"] is None:
        del message.value["entities"], answer["entities"]
    return answer


def _shown(values: Params) -> Object | None:
    """The keyboard of an edit: an empty one takes the keyboard away, as leaving it out does."""
    markup: Object | None = values.get("reply_markup")
    return markup if markup and markup["inline_keyboard"] else None


def edit_message_reply_markup(bot: Bot, values: Params, files: Files) -> Object:
    return _change(bot, _to_edit(bot, values), {}, _shown(values))


def delete_message(bot: Bot, values: Params, files: Files) -> bool:
    messages = bot.chat(values["chat_id"]).messages
    message = messages.get(values["message_id"])
    if message is None:
        raise Refused.bad("message to delete not found")
    if bot.now() - message.value["date"] > DELETE_WITHIN:
        raise Refused.bad("message can't be deleted for everyone")
    del messages[message.message_id]
    return True


def answer_callback_query(bot: Bot, values: Params, files: Files) -> bool:
    query = bot.queries.get(values["callback_query_id"])
    if query is None or query.answered or bot.now() - query.at > ANSWER_WITHIN:
        raise Refused.bad("query is too old and response timeout expired or query ID is invalid")
    query.answered, query.text = True, values.get("text")
    return True


def leave_chat(bot: Bot, values: Params, files: Files) -> bool:
    chat = bot.chat(values["chat_id"])
    if chat.value["type"] == "private":
        raise Refused.bad("chat member status can't be changed in private chats")
    bot.blocked.add(values["chat_id"])
    return True


SENDING: dict[str, Play] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendChatAction": send_chat_action,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "leaveChat": leave_chat,
}
