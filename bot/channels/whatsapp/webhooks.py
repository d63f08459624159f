"""A body that Meta posted, read tolerantly: each message by itself, unknown fields left alone.

One body holds many entries, each many changes, each many messages and statuses. What is known
becomes one of the items below; what is not becomes an envelope for the quarantine. Pure.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.channels.whatsapp.contents import body_of
from flows.inbound import Envelope, Inbound
from storage.dispatches import Status

SECOND = 1_000_000
OLDEST = 8 * 24 * 3_600 * SECOND
"""Meta repeats for seven days; what is older by its own time is somebody's replay."""
CARRIED = "tertulia/"
"""Begins what we give a message to carry along: `biz_opaque_callback_data`."""
USER = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,160}")
"""A business-scoped user id: two letters, a point, an opaque name. The letters are no person's
country: Meta's examples give US to a number of another country.
"""
PHONE = re.compile(r"\d{5,20}")
STATUSES = {
    "sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed",
}  # fmt: skip
NOTICES = frozenset({
    "account_alerts", "account_review_update", "account_update", "business_capability_update",
    "calls", "flows", "history", "message_echoes", "message_template_components_update",
    "message_template_quality_update", "message_template_status_update",
    "phone_number_name_update", "phone_number_quality_update", "security", "smb_app_state_sync",
    "smb_message_echoes", "template_category_update",
})  # fmt: skip
"""Fields that tell of the account and not of a person; they are logged by their name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A person did something. `platform_id` is the message's id, for the read mark."""

    envelope: Envelope
    platform_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of a message of ours."""

    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A person's number changed; `platform_id` names the event."""

    old: str
    new: str
    platform_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A person told WhatsApp to stop the city's unasked messages."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something known that is no part of a conversation. `kind` is a word of Meta's or ours."""

    kind: str

    @property
    def is_ours(self) -> bool:
        """Whether it tells of the city's account, so that somebody should read it."""
        return self.kind in NOTICES or self.kind == "other_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something that cannot be read or is of no known kind: for the quarantine."""

    envelope: Envelope


Item = Heard | Told | Moved | Stopped | Notice | Unknown


class _Contact(msgspec.Struct):
    wa_id: str | None = None
    user_id: str | None = None


class _Metadata(msgspec.Struct):
    phone_number_id: str = ""


class _Preference(msgspec.Struct):
    wa_id: str | None = None
    user_id: str | None = None
    value: str = ""


class _Value(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    contacts: list[_Contact] = []
    messages: list[msgspec.Raw] = []
    statuses: list[msgspec.Raw] = []
    user_preferences: list[_Preference] = []


class _Change(msgspec.Struct):
    field: str
    value: msgspec.Raw


class _Entry(msgspec.Struct):
    changes: list[msgspec.Raw] = []


class _Body(msgspec.Struct):
    object: str
    entry: list[msgspec.Raw] = []


class _System(msgspec.Struct):
    type: str = ""
    wa_id: str = ""


class _Message(msgspec.Struct):
    id: str
    timestamp: int
    type: str
    sender: str | None = msgspec.field(name="from", default=None)
    from_user_id: str | None = None
    group_id: str = ""
    system: _System | None = None


class _Error(msgspec.Struct):
    code: int | None = None


class _Pricing(msgspec.Struct):
    category: str = ""


class _Status(msgspec.Struct):
    id: str
    status: str
    timestamp: int
    recipient_type: str = ""
    biz_opaque_callback_data: str = ""
    errors: list[_Error] = []
    pricing: _Pricing | None = None


def _decoder(kind: Any) -> Any:
    return msgspec.json.Decoder(kind, strict=False).decode  # Meta writes numbers as texts


_body, _entry, _change, _value = map(_decoder, (_Body, _Entry, _Change, _Value))
_message, _status = map(_decoder, (_Message, _Status))
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


def read_webhook(raw: bytes, now: int, number_id: str) -> list[Item]:
    """Everything that a body holds, in its order. `number_id` is our number's id at Meta.

    Never raises: what cannot be read is an item too.
    """
    try:
        body = _body(raw)
        if body.object != "whatsapp_business_account":
            return [_unknown(raw, now, "object")]
    except UNREADABLE:
        return [_unknown(raw, now, "undecodable")]
    return [item for entry in body.entry for item in _read_entry(bytes(entry), now, number_id)]


def _read_entry(raw: bytes, now: int, number_id: str) -> list[Item]:
    try:
        changes = _entry(raw).changes
    except UNREADABLE:
        return [_unknown(raw, now, "undecodable")]
    return [item for change in changes for item in _read_change(bytes(change), now, number_id)]


def _read_change(raw: bytes, now: int, number_id: str) -> list[Item]:
    try:
        change = _change(raw)
        if change.field in NOTICES:
            return [Notice(kind=change.field)]
        if change.field not in ("messages", "user_preferences"):
            return [_unknown(raw, now, "field")]
        value = _value(change.value)
    except UNREADABLE:
        return [_unknown(raw, now, "undecodable")]
    if number_id and value.metadata.phone_number_id != number_id:
        return [Notice(kind="other_number")]
    items = [_read_message(bytes(one), value, now) for one in value.messages]
    items += [_read_status(bytes(one), now) for one in value.statuses]
    items += [_preference(one) for one in value.user_preferences]
    return items or [_unknown(raw, now, "empty")]


def _preference(told: _Preference) -> Item:
    address = told.user_id or told.wa_id or ""
    return Stopped(address=address) if told.value == "stop" else Notice(kind="preference")


def _read_message(raw: bytes, value: _Value, now: int) -> Item:
    try:
        message = _message(raw)
        if message.group_id:
            return Notice(kind="group")
        if message.type == "system":
            return _system(message)
        said = body_of(message.type, raw)
    except UNREADABLE:
        return _unknown(raw, now, "undecodable")
    if said is None:
        return _unknown(raw, now, "type")
    if isinstance(said, str):
        return Notice(kind=said)
    address, also = addresses(message, value)
    if not address:
        return _unknown(raw, now, "no_sender")
    named = said.names or message.id
    inbound = Inbound(
        channel="whatsapp",
        body=said.body,
        sent_at=message.timestamp * SECOND,
        order=(message.timestamp, number_of(named)),
    )
    envelope = Envelope(
        channel="whatsapp",
        address=address,
        also=also,
        external_id=f"{value.metadata.phone_number_id}/m/{message.id}",
        inbound=inbound,
        received_at=now,
        raw=raw,
    )
    return Heard(envelope=envelope, platform_id=message.id)


def _system(message: _Message) -> Item:
    """A changed number is evidence; what else the platform tells of a person is not for us."""
    system = message.system
    if system is None or not PHONE.fullmatch(system.wa_id) or not message.sender:
        return Notice(kind="system")
    return Moved(old=message.sender, new=system.wa_id, platform_id=message.id)


def addresses(message: _Message, value: _Value) -> tuple[str, str]:
    """The stable address and another one: the business-scoped id first, then the number.

    A contact of the same change belongs to the message when its number is the sender's, or when
    the message names no sender and there is one contact only.
    """
    sender = message.sender or ""
    user = message.from_user_id or (sender if USER.fullmatch(sender) else "")
    phone = sender if PHONE.fullmatch(sender) else ""
    mine = [c for c in value.contacts if (c.user_id == user if user else c.wa_id == phone)]
    if not user and not phone and len(value.contacts) == 1:
        mine = value.contacts
    for contact in mine[:1]:
        user = user or contact.user_id or ""
        phone = phone or contact.wa_id or ""
    known = [user] if USER.fullmatch(user) else []
    known += [phone] if PHONE.fullmatch(phone) else []
    first, second, *_ = (*known, "", "")
    return first, second


def number_of(platform_id: str) -> int:
    """A number that names a message; the platform's ids are texts."""
    return int.from_bytes(hashlib.sha256(platform_id.encode("utf-8", "replace")).digest()[:6]) + 1


def _read_status(raw: bytes, now: int) -> Item:
    try:
        status = _status(raw)
    except UNREADABLE:
        return _unknown(raw, now, "undecodable")
    if status.recipient_type == "group":
        return Notice(kind="group")
    if status.status not in STATUSES:
        return _unknown(raw, now, "status")
    if now - status.timestamp * SECOND > OLDEST:
        return _unknown(raw, now, "too_old")
    carried = status.biz_opaque_callback_data.removeprefix(CARRIED)
    return Told(
        status=Status(
            platform_id=status.id,
            status=STATUSES[status.status],
            at=status.timestamp * SECOND,
            outbox_id=int(carried) if carried.isascii() and carried.isdigit() else None,
            code=next((error.code for error in status.errors), None),
            category=status.pricing.category if status.pricing else "",
        )
    )


def _unknown(raw: bytes, now: int, problem: str) -> Unknown:
    """For the quarantine, under a name that the same bytes get again."""
    return Unknown(
        envelope=Envelope(
            channel="whatsapp",
            address="",
            external_id=f"x/{hashlib.sha256(raw).hexdigest()}",
            inbound=None,
            received_at=now,
            raw=raw,
            problem=problem if problem in ("undecodable", "too_old") else f"unknown_{problem}",
        )
    )
