"""One Telegram update, read tolerantly: only the fields that are needed, unknown ones ignored.

aiogram decodes a whole batch at once and one odd update stops it; here each is decoded alone.
A test holds this mapping to aiogram's types.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from flows.inbound import Arrived, Body, Edited, Envelope, Inbound, Pressed, Said, Unsupported

SECOND = 1_000_000
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that Telegram is asked for."""
CONTENT = (
    "voice", "audio", "photo", "video", "video_note", "sticker", "document", "animation",
    "location", "contact", "poll", "dice", "story", "venue",
)  # fmt: skip


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises on bytes that are no update; nested too deep among them."""


class _User(msgspec.Struct):
    id: int
    language_code: str | None = None
    is_bot: bool = False


class _Chat(msgspec.Struct):
    id: int
    type: str


class _Message(msgspec.Struct):
    message_id: int
    chat: _Chat
    date: int = 0
    edit_date: int = 0
    sender: _User | None = msgspec.field(name="from", default=None)
    text: str | None = None
    caption: str | None = None


class _Callback(msgspec.Struct):
    id: str
    sender: _User = msgspec.field(name="from")
    data: str | None = None
    message: _Message | None = None


class _Member(msgspec.Struct):
    status: str


class _Membership(msgspec.Struct):
    chat: _Chat
    date: int
    new: _Member = msgspec.field(name="new_chat_member")


class _Update(msgspec.Struct):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Callback | None = None
    my_chat_member: _Membership | None = None


class _Id(msgspec.Struct):
    update_id: int


_decode_update = msgspec.json.Decoder(_Update).decode
_decode_id = msgspec.json.Decoder(_Id).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a press needs besides its inbound: an acknowledgement, and where its marks stand."""

    query: str
    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update, read. The `envelope` goes to the records whatever it says.

    `member` is `open` or `gone` when a person let the bot write again or blocked it. `group` is
    the chat id of a group that the bot was put into or spoken to.
    """

    envelope: Envelope | None = None
    press: Press | None = None
    member: str = ""
    address: str = ""
    group: int | None = None


def read_update(raw: bytes, now: int, bot: int) -> Update:
    """Read one update. What cannot be read comes as an envelope for the quarantine."""
    try:
        return _read(raw, now, bot)
    except UNREADABLE as problem:
        return Update(envelope=_unreadable(raw, now, bot, type(problem).__name__))


def _read(raw: bytes, now: int, bot: int) -> Update:
    update = _decode_update(raw)
    read = _what_it_says(update, raw, now, bot)
    if read.envelope is None:
        read = replace(read, envelope=_beside(read, f"{bot}/u/{update.update_id}", now))
    return read


def _what_it_says(update: _Update, raw: bytes, now: int, bot: int) -> Update:
    if update.callback_query is not None:
        return _pressed(update.callback_query, raw, now, bot)
    if update.message is not None:
        return _wrote(update.message, raw, now, bot)
    if update.edited_message is not None:
        return _edited(update.edited_message, raw, now, bot)
    if update.my_chat_member is not None:
        return _member(update.my_chat_member)
    return Update()


def _beside(read: Update, external_id: str, now: int) -> Envelope:
    """For the account: an update that says nothing to a conversation was accepted as well."""
    state: Literal["", "open", "gone"] = ""
    if read.member:
        state = "gone" if read.member == "gone" else "open"
    return Envelope(
        channel="telegram",
        address=read.address,
        external_id=external_id,
        inbound=None,
        received_at=now,
        contact_state=state,
        ignored="" if state else "group" if read.group is not None else "nothing_said",
    )


def update_id(raw: bytes) -> int | None:
    """The id of an update, read by itself; None when even that cannot be read."""
    try:
        return _decode_id(raw).update_id
    except UNREADABLE:
        return None


def _pressed(callback: _Callback, raw: bytes, now: int, bot: int) -> Update:
    message = callback.message
    if message is not None and message.chat.type != "private":
        return Update(group=message.chat.id)
    press = Press(query=callback.id, message_id=message.message_id if message else None)
    if callback.data is None:
        return Update(press=press)
    inbound = Inbound(
        channel="telegram",
        body=Pressed(payload=callback.data),
        sent_at=now,  # a press carries no time of its own
        order=(now, 0),
        language=callback.sender.language_code,
    )
    envelope = Envelope(
        channel="telegram",
        address=str(callback.sender.id),
        external_id=f"{bot}/q/{callback.id}",
        inbound=inbound,
        received_at=now,
        raw=raw,
    )
    return Update(envelope=envelope, press=press)


def _wrote(message: _Message, raw: bytes, now: int, bot: int) -> Update:
    if message.chat.type != "private":
        return Update(group=message.chat.id)
    body = _body(message, raw)
    if body is None:
        return Update()
    return Update(envelope=_of_message(message, body, f"{bot}/m", raw, now))


def _edited(message: _Message, raw: bytes, now: int, bot: int) -> Update:
    if message.chat.type != "private" or message.text is None:
        return Update()
    body = Edited(text=message.text)
    kind = f"{bot}/e{message.edit_date}"
    return Update(envelope=_of_message(message, body, kind, raw, now))


def _member(membership: _Membership) -> Update:
    chat, status = membership.chat, membership.new.status
    if chat.type == "private":
        return Update(member="gone" if status == "kicked" else "open", address=str(chat.id))
    is_inside = status in ("member", "administrator", "restricted")
    return Update(group=chat.id if is_inside else None)


def _body(message: _Message, raw: bytes) -> Body | None:
    """What a message says; None when it is about the chat and not from the person."""
    text = message.text
    if text is None:
        fields = _decode_fields(_decode_fields(raw)["message"])
        kind = next((name for name in CONTENT if name in fields), "")
        return Unsupported(kind=kind) if kind else None
    if not text.startswith("/"):
        return Said(text=text)
    command, _, rest = text.partition(" ")
    name = command[1:].partition("@")[0]
    if name.lower() == "start":
        return Arrived(source=rest.strip())
    return Said(text=f"/{name} {rest}".strip())


def _of_message(message: _Message, body: Body, kind: str, raw: bytes, now: int) -> Envelope:
    inbound = Inbound(
        channel="telegram",
        body=body,
        sent_at=(message.edit_date or message.date) * SECOND,
        order=(message.date, message.message_id),
        language=message.sender.language_code if message.sender else None,
    )
    return Envelope(
        channel="telegram",
        address=str(message.chat.id),
        external_id=f"{kind}/{message.chat.id}/{message.message_id}",
        inbound=inbound,
        received_at=now,
        raw=raw,
    )


def _unreadable(raw: bytes, now: int, bot: int, problem: str) -> Envelope:
    """For the quarantine, under a name that the same bytes get again."""
    return Envelope(
        channel="telegram",
        address="",
        external_id=f"{bot}/x/{hashlib.sha256(raw).hexdigest()}",
        inbound=None,
        received_at=now,
        raw=raw,
        problem=f"undecodable: {problem}",
    )
