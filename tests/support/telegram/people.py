"""A person with Telegram on the phone: writes, presses, edits, blocks; sees what the bot sent."""

from __future__ import annotations

from typing import Any

from tests.support.telegram.state import Bot, Message, Object, Query


class Person:
    """A private chat with one bot. Numbers of people are made up and small."""

    def __init__(
        self, bot: Bot, number: int, name: str = "Ana", language: str | None = "es"
    ) -> None:
        self.bot, self.id = bot, number
        self.user: Object = {"id": number, "is_bot": False, "first_name": name}
        if language is not None:
            self.user["language_code"] = language
        self.chat: Object = {"id": number, "type": "private", "first_name": name}
        self._queries = 0

    # -- what they do ----------------------------------------------------------------------

    def start(self, source: str = "") -> int | None:
        """Press START, perhaps behind a deep link."""
        return self.say(f"/start {source}".strip())

    def say(self, text: str) -> int | None:
        """Write a text."""
        command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
        entity = {"type": "bot_command", "offset": 0, "length": len(command)}
        entities = {"entities": [entity]} if command else {}
        return self.send({"text": text, **entities})

    def voice(self) -> int | None:
        """Send a voice note."""
        return self.send({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}})

    def photo(self) -> int | None:
        """Send a photo."""
        size = {"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}
        return self.send({"photo": [size]})

    def send(self, content: Object) -> int | None:
        """Send a message with any content; the bot may write to this chat from now on."""
        chat = self.bot.know(self.chat)
        value = {
            "message_id": self.bot.number_message(),
            "from": self.user,
            "chat": self.chat,
            "date": int(self.bot.now()),
            **content,
        }
        chat.messages[value["message_id"]] = Message(value, own=False)
        return self.bot.enter("message", value, self.id)

    def edit(self, text: str) -> int | None:
        """Edit the last message they wrote."""
        mine = [m for m in self.bot.chats[self.id].messages.values() if not m.own]
        value = mine[-1].value
        value |= {"text": text, "edit_date": int(self.bot.now())}
        return self.bot.enter("edited_message", value, self.id)

    def press(self, data: str, message: Message | None = None, *, is_there: bool = True) -> str:
        """Press the button with this callback data, on the last message unless told.

        `is_there`: the button must stand under the message, as it now is.
        """
        pressed = message or self.last
        shown = [b.get("callback_data") for row in pressed.keyboard for b in row]
        assert not is_there or data in shown, data
        self._queries += 1
        query = f"{self.id}{self._queries:06d}"
        self.bot.queries[query] = Query(self.bot.now())
        value = {
            "id": query,
            "from": self.user,
            "message": pressed.value,
            "chat_instance": str(self.id),
            "data": data,
        }
        self.bot.enter("callback_query", value, self.id)
        return query

    def block(self) -> None:
        """Block the bot."""
        self.bot.blocked.add(self.id)
        self._member("member", "kicked")

    def unblock(self) -> None:
        """Let the bot write again."""
        self.bot.blocked.discard(self.id)
        self._member("kicked", "member")

    def _member(self, before: str, after: str) -> None:
        def member(status: str) -> Object:
            extra = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.bot.user, "status": status, **extra}

        value = {
            "chat": self.chat,
            "from": self.user,
            "date": int(self.bot.now()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        self.bot.enter("my_chat_member", value, self.id)

    # -- what they see ---------------------------------------------------------------------

    @property
    def received(self) -> list[Message]:
        """Everything the bot sent them, as it now stands."""
        chat = self.bot.chats.get(self.id)
        return [m for m in chat.messages.values() if m.own] if chat else []

    @property
    def last(self) -> Message:
        """The bot's last message."""
        return self.received[-1]

    @property
    def payloads(self) -> list[str]:
        """What the buttons of the last message would send."""
        return [
            b["callback_data"] for row in self.last.keyboard for b in row if "callback_data" in b
        ]


def say_in_group(bot: Bot, group: int, person: Person, text: str) -> int | None:
    """Write in a group where the bot is."""
    chat: dict[str, Any] = {"id": group, "type": "supergroup", "title": "Barrio"}
    bot.know(chat)
    value = {
        "message_id": bot.number_message(),
        "from": person.user,
        "chat": chat,
        "date": int(bot.now()),
        "text": text,
    }
    return bot.enter("message", value, group)
