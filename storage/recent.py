"""What came last in a conversation, kept with its session: a late text finds its place in it.

Lines: a line that begins with `{` is a session with the orders of the texts before it; one that
begins with `[` is an inbound that had its turn since. Two stretches of `STRETCH` inbounds are
kept at most, none older than eight days (`storage.retention`), and none after a withdrawal.
"""

from __future__ import annotations

from typing import Any

import msgspec

from flows.ids import ParticipantId
from flows.inbound import (
    Arrived,
    Body,
    Changed,
    Edited,
    Inbound,
    JoinAsked,
    Missed,
    Pressed,
    ReceiptGiven,
    Said,
    Unsupported,
    Withdrew,
)
from flows.replaying import Heard, is_ordered, rank
from flows.session import Session, dump_session, load_session
from storage.turns import TurnIds

STRETCH = 16
BODIES: dict[str, type[Body]] = {
    kind.__name__: kind
    for kind in (
        Said, Pressed, Arrived, Unsupported, Changed, Withdrew, Edited, Missed, ReceiptGiven,
        JoinAsked,
    )
}  # fmt: skip
Orders = dict[str, tuple[int, int]]


class _Base(msgspec.Struct):
    """Where a stretch begins."""

    session: msgspec.Raw
    orders: Orders


class _Line(msgspec.Struct, array_like=True):
    """One inbound; `mark` is first so that a text is known without decoding."""

    mark: str
    channel: str
    kind: str
    body: dict[str, Any]
    sent_at: int
    order: tuple[int, int]
    language: str | None
    country: str | None
    event: int
    received_at: int


_encode = msgspec.json.Encoder().encode
_base = msgspec.json.Decoder(_Base).decode
_line = msgspec.json.Decoder(_Line).decode
_TEXT = b'["t"'


def begin(session: Session | None, before: bytes, inbound: Inbound | None = None) -> bytes:
    """A new stretch from this session on; `before` and `inbound` say which texts were."""
    orders = _orders(before)
    if inbound is not None and is_ordered(inbound):
        known = orders.get(inbound.channel, (0, 0))
        orders[inbound.channel] = max(known, rank(inbound.channel, inbound.order))
    state = dump_session(session) if session is not None else b"null"
    return _encode(_Base(msgspec.Raw(state), orders))


def append(recent: bytes, before: Session | None, inbound: Inbound, ids: TurnIds) -> bytes:
    """One more inbound that had its turn; `before` is the session it found."""
    if not recent:
        recent = begin(before, b"")
    lines = recent.split(b"\n")
    last_base = max(at for at, line in enumerate(lines) if line[:1] == b"{")
    if len(lines) - last_base > STRETCH:
        recent = b"\n".join([*lines[last_base:], begin(before, recent)])
    return recent + b"\n" + _encode(_as_line(inbound, ids))


def last_order(recent: bytes, channel: str) -> tuple[int, int]:
    """The place of the last text that had its turn on the channel."""
    for line in reversed(recent.split(b"\n")):
        if line.startswith(_TEXT):
            found = _line(line)
            if found.channel == channel:
                return rank(channel, found.order)
        elif line[:1] == b"{":
            return _base(line).orders.get(channel, (0, 0))
    return (0, 0)


def since(
    recent: bytes, late: Inbound, participant: ParticipantId
) -> tuple[Session | None, list[Heard[TurnIds]]] | None:
    """The earliest session kept and all that came since; None: the text is older still."""
    lines = recent.split(b"\n")
    if not recent or _base(lines[0]).orders.get(late.channel, (0, 0)) > rank(
        late.channel, late.order
    ):
        return None
    state = bytes(_base(lines[0]).session)
    heard = [_heard(_line(line), participant) for line in lines if line[:1] == b"["]
    return (load_session(state) if state != b"null" else None), heard


def inserted(recent: bytes, at: int, inbound: Inbound, ids: TurnIds) -> bytes:
    """The lines with an inbound put before the one of this number; later bases no longer hold."""
    lines = recent.split(b"\n")
    entries = [line for line in lines if line[:1] == b"["]
    entries.insert(at, _encode(_as_line(inbound, ids)))
    return b"\n".join([lines[0], *entries])


def _orders(recent: bytes) -> Orders:
    """The last order of each channel."""
    orders: Orders = {}
    for line in recent.split(b"\n") if recent else []:
        if line[:1] == b"{":
            orders |= _base(line).orders
        elif line.startswith(_TEXT):
            found = _line(line)
            place = rank(found.channel, found.order)
            orders[found.channel] = max(orders.get(found.channel, (0, 0)), place)
    return orders


def _as_line(inbound: Inbound, ids: TurnIds) -> _Line:
    body = inbound.body
    return _Line(
        "t" if is_ordered(inbound) else "o",
        inbound.channel,
        type(body).__name__,
        msgspec.to_builtins(body),
        inbound.sent_at,
        inbound.order,
        inbound.language,
        inbound.country,
        ids.event,
        ids.received_at,
    )


def _heard(line: _Line, participant: ParticipantId) -> Heard[TurnIds]:
    inbound = Inbound(
        channel=line.channel,
        body=msgspec.convert(line.body, type=BODIES[line.kind]),
        sent_at=line.sent_at,
        order=line.order,
        language=line.language,
        country=line.country,
    )
    ids = TurnIds(participant=participant, event=line.event, received_at=line.received_at)
    return Heard(inbound, ids)
