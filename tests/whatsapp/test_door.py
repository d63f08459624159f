"""What comes in: signed or not at all, every known body classified, nothing twice."""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.whatsapp.webhook import MOST_BODY
from bot.channels.whatsapp.webhooks import (
    Heard,
    Moved,
    Notice,
    Stopped,
    Told,
    Unknown,
    read_webhook,
)
from flows.inbound import Edited, Pressed, Said, Unsupported
from storage import tables as t
from tests.support.whatsapp import NUMBER_ID, as_body
from tests.telegram.town import make_city
from tests.whatsapp.town import SECRET, VERIFY, Town, call, signature, town

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data" / "whatsapp"
THEN = 1_755_000_000_000_000
"""August 2025: the newest of the recorded bodies are hours old."""
FLIPS = 10_000


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted(DATA.glob("*.json")):
        if file.name != "meta_messages_out.json":
            bodies = json.loads(file.read_text(encoding="utf-8"))
            found |= {f"{file.stem}/{name}": body for name, body in bodies.items()}
    return found


BODIES = recorded()


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(make_city(tmp_path / "city")) as made:
        yield made


def rows(city: Town, table: str) -> list[Any]:
    with city.app.database.reading() as connection:
        return list(connection.execute(select(t.metadata.tables[table])).all())


# -- the door --------------------------------------------------------------------------------


async def test_the_handshake_gives_the_challenge_back_to_who_knows_the_word(city: Town) -> None:
    asked = f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY}"
    assert await call(city.web, b"", [], method="GET", query=asked) == (200, b"1158201444")
    for wrong in (asked + "x", asked.replace("subscribe", "x"), "hub.mode=subscribe", ""):
        assert (await call(city.web, b"", [], method="GET", query=wrong))[0] == 403


async def test_of_ten_thousand_flipped_bits_none_comes_in(city: Town) -> None:
    """One bit of the body or of the signature; the door answers 401 and nothing is kept."""
    rng, statuses = random.Random(5), set()
    raw = json.dumps(BODIES["message/text"]).encode()
    signed = signature(raw).encode()
    for number in range(FLIPS):
        body, header = bytearray(raw), bytearray(signed)
        flipped = body if number % 2 else header
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        status, _ = await call(city.web, bytes(body), [(b"x-hub-signature-256", bytes(header))])
        statuses.add(status)
    assert statuses == {401}
    assert rows(city, "inbox") == rows(city, "quarantine") == []


async def test_without_one_true_signature_nothing_comes_in(city: Town) -> None:
    raw = json.dumps(BODIES["message/text"]).encode()
    name, true = b"x-hub-signature-256", signature(raw).encode()
    refused: list[list[tuple[bytes, bytes]]] = [
        [],
        [(name, b"")],
        [(name, true), (name, true)],
        [(name, true.upper())],
        [(name, true.removeprefix(b"sha256="))],
        [(name, signature(raw, "f" * 32).encode())],
        [(b"x-hub-signature", b"sha1=" + true[7:47])],
    ]
    assert {(await call(city.web, raw, headers))[0] for headers in refused} == {401}
    assert rows(city, "inbox") == []


async def test_a_body_beyond_the_bound_is_refused_before_it_is_read(city: Town) -> None:
    long = b"x" * (MOST_BODY + 1)
    assert await city.post(long) == 413
    announced = [
        (b"x-hub-signature-256", signature(b"x").encode()),
        (b"content-length", b"9999999"),
    ]
    assert (await call(city.web, b"x", announced))[0] == 413


async def test_when_the_records_are_closed_meta_is_told_to_come_again(city: Town) -> None:
    city.person().say("HOLA")
    (raw,) = city.api.bodies()
    await city.app.committer.stop()
    assert await city.post(raw) == 503
    await city.app.committer.start()
    assert await city.post(raw) == 200
    assert len(rows(city, "inbox")) == 1


# -- what the bodies say ---------------------------------------------------------------------


def kind_of(body: Any) -> str:
    (item,) = read_webhook(json.dumps(body).encode(), THEN, "")
    match item:
        case Heard(envelope=envelope):
            assert envelope.inbound is not None
            return type(envelope.inbound.body).__name__
        case Notice(kind=kind):
            return kind
        case Unknown(envelope=envelope):
            return envelope.problem
        case Told() | Moved() | Stopped():
            return type(item).__name__


SPOKEN = {
    "message/text": Said(text="Body Text"),
    "message/referral": Said(text="BODY"),
    "message/voice": Unsupported(kind="audio"),
    "message/order": Unsupported(kind="order"),
    "message/unsupported_with_type": Unsupported(kind="unsupported"),
    "message/interactive_message_with_err": Unsupported(kind="interactive"),
    "callback_button/button": Pressed(payload="callback_data"),
    "callback_button/quick_reply": Pressed(payload="callback_data"),
    "callback_selection/description": Pressed(payload="callback_data"),
}


def test_every_recorded_body_is_of_a_known_kind() -> None:
    kinds = {name: kind_of(body) for name, body in BODIES.items()}
    assert len(kinds) == 74
    assert [name for name, kind in kinds.items() if kind.startswith(("unknown", "undec"))] == []
    assert kinds["system/phone_number_change"] == "Moved"
    assert kinds["message/reaction"] == "reaction"
    assert kinds["edited_message/image"] == "edit"
    assert kinds["deleted_message/revoke"] == "revoke"
    assert {kinds[f"account_update/{n}"] for n in ("account_deleted", "account_violation")} == {
        "account_update"
    }
    assert {kinds[f"message_status/{n}"] for n in ("sent", "read", "failed")} <= {
        "Told",
        "too_old",
    }


@pytest.mark.parametrize("name", sorted(SPOKEN))
def test_what_a_person_said_is_read(name: str) -> None:
    (item,) = read_webhook(json.dumps(BODIES[name]).encode(), THEN, "")
    assert isinstance(item, Heard)
    assert item.envelope.inbound is not None
    assert item.envelope.inbound.body == SPOKEN[name]
    assert item.envelope.address == "US.13491208655302741918"
    assert item.envelope.also == "972987654321"


def test_an_edited_text_names_the_message_it_was() -> None:
    body = json.loads(json.dumps(BODIES["edited_message/image"]))
    edit = body["entry"][0]["changes"][0]["value"]["messages"][0]["edit"]
    edit["message"] = {"type": "text", "text": {"body": "agua"}}
    (item,) = read_webhook(json.dumps(body).encode(), THEN, "")
    assert isinstance(item, Heard)
    assert item.envelope.inbound is not None
    assert item.envelope.inbound.body == Edited(text="agua")


async def test_all_recorded_bodies_are_answered_200_alone_batched_shuffled_and_again(
    city: Town,
) -> None:
    rng = random.Random(6)
    bodies = [
        json.loads(json.dumps(b).replace('"1122334455667"', f'"{NUMBER_ID}"'))
        for b in BODIES.values()
    ]
    changes = [c for body in bodies for entry in body["entry"] for c in entry["changes"]]
    for _ in range(2):
        rng.shuffle(changes)
        for at in range(0, len(changes), 25):
            assert await city.post(as_body(changes[at : at + 25])) == 200
    for body in bodies:
        assert await city.post(json.dumps(body).encode()) == 200
    kept = rows(city, "quarantine")
    assert {row.reason for row in kept} == {"too_old"}
    assert len({row.key for row in kept}) == len(kept)


async def test_what_is_unknown_goes_to_quarantine_and_stops_nothing(city: Town) -> None:
    person = city.person()
    person.say("HOLA")
    odd = [
        {"field": "tomorrow", "value": {"x": 1}},
        {"field": "messages", "value": {"messages": "none"}},
        city.api.change(
            {"messages": [{"id": "w1", "type": "hologram", "timestamp": "1796000000"}]},
            person.line,
        ),
        city.api.change(
            {"statuses": [{"id": "w2", "status": "melted", "timestamp": "1796000000"}]}
        ),
    ]
    assert await city.post(as_body([*odd, *city.api.events])) == 200
    city.api.events.clear()
    for raw in (b"", b"[]", b"{", b"\xff\xfe", b'{"object": "page", "entry": []}'):
        assert await city.post(raw) == 200
    reasons = sorted(row.reason for row in rows(city, "quarantine"))
    assert reasons == ["undecodable"] * 5 + [
        "unknown_field", "unknown_object", "unknown_status", "unknown_type",
    ]  # fmt: skip
    assert len(await city.hears(person)) == 1


async def test_signed_and_mutated_bodies_crash_nothing(city: Town) -> None:
    """Bytes changed, and whole values exchanged for values of another kind."""
    rng = random.Random(7)
    ours = {k: json.dumps(b).replace("1122334455667", NUMBER_ID) for k, b in BODIES.items()}
    texts = [text for name, text in sorted(ours.items()) if "message" in name or "call" in name]
    fresh = f'"timestamp": "{city.clock.now() // 1_000_000}"'
    texts = [re.sub(r'"timestamp": "\d+"', fresh, text) for text in texts]
    odd = ["null", "[]", "{}", "-1", "1e400", '"\\ud800"', '"\\u0000"', "true", '"x"', "9" * 30]
    for _ in range(600):
        text = rng.choice(texts)
        if rng.random() < 0.5:
            raw = bytearray(text.encode())
            for _ in range(rng.randrange(1, 4)):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
        else:
            values = list(re.finditer(r'(?<=: )("[^"]*"|\d+|true)', text))
            value = rng.choice(values)
            raw = bytearray(
                (text[: value.start()] + rng.choice(odd) + text[value.end() :]).encode()
            )
        assert await city.post(bytes(raw)) == 200
    person = city.person()
    person.say("HOLA")
    assert len(await city.hears(person)) == 1


async def test_messages_of_another_number_are_not_ours(city: Town) -> None:
    raw = json.dumps(BODIES["message/text"]).encode()
    assert await city.post(raw) == 200
    assert rows(city, "inbox") == []


async def test_what_is_older_than_eight_days_goes_to_quarantine(city: Town) -> None:
    person = city.person()
    person.say("HOLA")
    (raw,) = city.api.bodies()
    city.clock.at += 9 * 86_400_000_000
    assert await city.post(raw) == 200
    assert [row.reason for row in rows(city, "quarantine")] == ["too_old"]


async def test_the_secrets_are_in_no_log(city: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    person = city.person()
    person.say("CANARY-WORDS")
    await city.hears(person)
    city.api.weather.is_down = True
    person.say("CANARY-WORDS")
    await city.seconds(3)
    for canary in ("CANARY", SECRET, person.line.phone, person.line.user):
        assert canary not in caplog.text
