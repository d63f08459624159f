"""One person under two addresses of one channel: joined only by evidence within one update.

A platform may name a person by an opaque id, by a telephone number, or by both; the number may
be absent, come later, change, and in time belong to somebody else. The address that an update
names first is the stable one (`Envelope.address`), the other comes `also`. Both lead to one
participant through `contact_index`; the contact point holds them together, first and also.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from flows.ids import ParticipantId, bucket_of
from flows.inbound import Envelope
from storage import tables as t
from storage.joining import link
from storage.keys import KeyRing
from storage.participants import add_contact, address_of, find_participants, set_state_of

Known = dict[tuple[str, str], ParticipantId]
"""(channel, address) to participant."""


def find_people(connection: Connection, keys: KeyRing, envelopes: Sequence[Envelope]) -> Known:
    """Everybody that the updates come from; who is new is added, who is one is joined."""
    double = {(e.channel, e.address, e.also): e.received_at for e in envelopes if e.also}
    named = {(channel, one) for channel, *both in double for one in both}
    known = _look_up(connection, keys, named)
    for (channel, address, also), at in double.items():
        first, second = known.get((channel, address)), known.get((channel, also))
        if first is None or first != second:
            _settle(connection, keys, (channel, address, also), at)
            known = _look_up(connection, keys, named)  # others of the batch may be joined now
    single = {(e.channel, e.address): e.received_at for e in reversed(envelopes) if not e.also}
    known |= _look_up(connection, keys, set(single) - set(known))
    for (channel, address), at in single.items():
        if (channel, address) not in known:
            known[channel, address] = add_contact(connection, keys, channel, address, at)
    return known


def move_address(connection: Connection, keys: KeyRing, channel: str, old: str, new: str) -> None:
    """The platform says that a person's number changed: they keep their place.

    The opaque id goes with the old number, so the new number stands alone until an update names
    it together with its own id. Whoever had the new number before is somebody else.
    """
    person = _look_up(connection, keys, {(channel, old)}).get((channel, old))
    if person is None or old not in _stored(connection, keys, channel, person).split():
        return
    _take_from_others(connection, keys, (channel, new), person)
    _point(connection, keys, (channel, new), person)
    _store(connection, keys, channel, person, new)


def _look_up(connection: Connection, keys: KeyRing, contacts: set[tuple[str, str]]) -> Known:
    hashes = {keys.hash("contact", *contact): contact for contact in contacts}
    found = find_participants(connection, hashes)
    return {hashes[key]: participant for key, participant in found.items()}


def _settle(connection: Connection, keys: KeyRing, named: tuple[str, str, str], at: int) -> None:
    """Two addresses which did not belong together so far, named by one update."""
    channel, address, also = named
    known = _look_up(connection, keys, {(channel, address), (channel, also)})
    first, second = known.get((channel, address)), known.get((channel, also))
    is_free = second is not None and _stored(connection, keys, channel, second) == also
    if first is None:  # a number that belongs with another id has moved to somebody new
        is_known = second is not None and is_free
        person = second if is_known else add_contact(connection, keys, channel, address, at)
    else:
        person = first
        if second is not None and second != first and is_free:
            link(connection, keys, kept=first, absorbed=second, at=at)
    assert person is not None
    _take_from_others(connection, keys, (channel, also), person)
    for one in (address, also):
        _point(connection, keys, (channel, one), person)
    _store(connection, keys, channel, person, f"{address} {also}")


def _take_from_others(
    connection: Connection, keys: KeyRing, contact: tuple[str, str], person: int
) -> None:
    """A number has one owner: whoever had it keeps only their own id."""
    channel, address = contact
    owner = _look_up(connection, keys, {contact}).get(contact)
    if owner is None or owner == person:
        return
    left = [one for one in _stored(connection, keys, channel, owner).split() if one != address]
    if left:
        _store(connection, keys, channel, owner, " ".join(left))
    else:
        set_state_of(connection, owner, channel, "gone")


def _point(
    connection: Connection, keys: KeyRing, contact: tuple[str, str], person: ParticipantId
) -> None:
    connection.execute(
        upsert(t.contact_index)
        .values(key=keys.hash("contact", *contact), participant=person)
        .on_conflict_do_update(index_elements=["key"], set_={"participant": person})
    )


def _stored(connection: Connection, keys: KeyRing, channel: str, person: int) -> str:
    c = t.contact_point.c
    sealed = connection.scalar(
        select(c.address).where(
            c.bucket == bucket_of(ParticipantId(person)),
            c.participant == person,
            c.channel == channel,
        )
    )
    return address_of(keys, person, sealed) if sealed is not None else ""


def _store(
    connection: Connection, keys: KeyRing, channel: str, person: ParticipantId, address: str
) -> None:
    c = t.contact_point.c
    connection.execute(
        update(t.contact_point)
        .where(
            c.bucket == bucket_of(person),
            c.participant == person,
            c.channel == channel,
        )
        .values(address=keys.encrypt(address, f"contact_point.address:{person}"), state="open")
    )
