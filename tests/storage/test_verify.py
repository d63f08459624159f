"""`tertulia verify`: what was accepted adds up, and whatever is changed behind it is named."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.app import Application
from bot.cli import main
from bot.clock import ManualClock
from bot.instance import load_keys
from flows.inbound import Body, Envelope, Inbound, Pressed, Said
from flows.readings import GivenReply
from storage.database import Database
from storage.heads import make_head
from storage.publications import KeptPublication, record_publication
from storage.replies import record_reply
from storage.retention import DAY, forget_old
from storage.turns import Committed
from storage.verifying import Problem, verify
from tests.support.cities import NOW, small_city

SCRIPT: tuple[Body, ...] = (
    Said(text="HOLA"),
    Pressed(payload="A00:SI"),
    Pressed(payload="A02:PER"),
    Said(text="Agua"),
    Pressed(payload="A10:GTF1"),
    Pressed(payload="A10:!ok"),
    Pressed(payload="A15:2"),
)


async def say(app: Application, address: str, number: int, body: Body | None) -> Committed:
    at = NOW + number
    inbound = Inbound(channel="web", body=body, sent_at=at, order=(at, 0)) if body else None
    return await app.committer.submit(
        Envelope(
            channel="web", address=address, external_id=f"{address}/{number}", inbound=inbound,
            received_at=at, raw=b"" if body else b"\xff", problem="" if body else "undecodable",
        )
    )  # fmt: skip


async def live(folder: Path) -> None:
    """Three people answer, one withdraws; something odd comes in; the city replies."""
    app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    for address in ("ana", "luz", "rui"):
        for number, body in enumerate(SCRIPT):
            await say(app, address, number, body)
    for number, body in enumerate((Said(text="BORRAR"), Said(text="sí")), start=20):
        await say(app, "rui", number, body)
    await say(app, "odd", 30, None)
    reply = GivenReply(
        theme="GTF1", state="accepted", reason="Sí", unit="Agua", due="2027-03-01",
        replied_at=NOW, revision=0,
    )  # fmt: skip
    await app.committer.write(lambda c: record_reply(c, "A", reply, "Ana"))
    kept = KeptPublication(
        wave=1, number=1, published_at=NOW, body=b"{}", corrects=None, note="", mark=""
    )
    await app.committer.write(lambda c: record_publication(c, "A", kept))
    assert await app.committer.write(lambda c: make_head(c, NOW))
    await app.stop()


@pytest.fixture
async def city(tmp_path: Path) -> Path:
    await live(small_city(tmp_path / "city"))
    return tmp_path / "city"


def verdict(city: Path, capsys: Any) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["verify", "--instance", str(city), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_everything_fits_and_what_was_accepted_adds_up(city: Path, capsys: Any) -> None:
    code, told = verdict(city, capsys)
    assert (code, told["problems"]) == (0, [])
    assert told["accepted"] == 3 * len(SCRIPT) + 3
    assert told["accepted"] == told["applied"] + told["ignored"] + told["quarantined"]
    assert (told["quarantined"], told["reasons"]) == (1, {"undecodable": 1})
    assert main(["verify", "--instance", str(city)]) == 0
    assert "Everything fits." in capsys.readouterr().out


TAMPERED = [
    ("answer", "DELETE FROM answer WHERE question = 'A15'"),
    ("answer", "UPDATE answer SET value = '5' WHERE question = 'A15'"),
    ("answer", "UPDATE answer SET answered_at = 1"),
    ("current_answer", "DELETE FROM current_answer WHERE question = 'A15'"),
    ("current_answer", "UPDATE current_answer SET revision = 7"),
    ("response", "DELETE FROM response"),
    ("response", "UPDATE response SET country = 'FR'"),
    ("response", "UPDATE response SET state = 'declined'"),
    ("session", "DELETE FROM session"),
    ("participant", "DELETE FROM participant"),
    ("contact_point", "DELETE FROM contact_point"),
    ("contact_point", "UPDATE contact_point SET address = x'0001'"),
    ("contact_index", "DELETE FROM contact_index"),
    ("inbox", "DELETE FROM inbox WHERE outcome = 'applied'"),
    ("inbox", "UPDATE inbox SET outcome = 'ignored', reason = 'x' WHERE outcome = 'applied'"),
    ("quarantine", "DELETE FROM quarantine"),
    ("quarantine", "UPDATE quarantine SET reason = 'other'"),
    ("outbox", "DELETE FROM outbox"),
    ("outbox", "UPDATE outbox SET state = 'sent'"),
    ("ledger", "UPDATE ledger SET body = body || ' '"),
    ("ledger", "DELETE FROM ledger WHERE kind = 'consent'"),
    ("withdrawn_count", "UPDATE withdrawn_count SET n = n + 1"),
    ("withdrawn_count", "DELETE FROM withdrawn_count"),
    ("reply", "UPDATE reply SET reason = 'No'"),
    ("reply", "DELETE FROM reply"),
    ("publication", "UPDATE publication SET body = x'7b'"),
    ("publication", "DELETE FROM publication"),
    ("daily_head", "UPDATE daily_head SET hash = x'00'"),
    ("accepted_count", "UPDATE accepted_count SET n = n - 1"),
    ("tombstone", "DELETE FROM tombstone"),
]


def problems_of(city: Path) -> tuple[Problem, ...]:
    database = Database.open_readonly(str(city / "tertulia.db"))
    with database.reading() as connection:
        found = verify(connection, load_keys(city), NOW).problems
    database.close_sync()
    return found


def test_one_row_changed_or_deleted_in_sql_is_named(city: Path) -> None:
    kept = (city / "tertulia.db").read_bytes()
    unnoticed = []
    for table, statement in TAMPERED:
        (city / "tertulia.db").write_bytes(kept)
        one = _of_one_row(table, statement)
        with sqlite3.connect(city / "tertulia.db") as database:
            assert database.execute(one).rowcount == 1, one
        database.close()
        if not problems_of(city):
            unnoticed.append(one)
    assert unnoticed == []


def _of_one_row(table: str, statement: str) -> str:
    """The statement on the first row that it would touch."""
    verb, _, condition = statement.partition(" WHERE ")
    key = {
        "answer": "(participant, question, revision)",
        "current_answer": "(participant, question)",
        "contact_index": "(key)", "inbox": "(key)", "quarantine": "(id)", "outbox": "(id)",
        "ledger": "(bucket, seq)", "withdrawn_count": "(week)", "reply": "(theme)",
        "publication": "(number)", "daily_head": "(day)", "accepted_count": "(day, outcome)",
    }.get(table, "(participant)")  # fmt: skip
    names = key.strip("()")
    return f"{verb} WHERE {key} IN (SELECT {names} FROM {table} WHERE {condition or 1} LIMIT 1)"


def test_a_chain_cut_off_at_its_end_is_found_by_the_days_head(city: Path, capsys: Any) -> None:
    with sqlite3.connect(city / "tertulia.db") as database:
        database.execute(
            "DELETE FROM ledger WHERE bucket = 0 AND seq = (SELECT max(seq) FROM ledger"
            " WHERE bucket = 0)"
        )
    database.close()
    code, told = verdict(city, capsys)
    assert code == 1
    assert "daily_head" in {problem["where"] for problem in told["problems"]}


async def test_what_is_forgotten_with_time_stays_accounted_for(city: Path) -> None:
    app = Application.at(city, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    await app.committer.write(lambda c: forget_old(c, NOW + 400 * DAY))
    await app.stop()
    assert not await _any(city, "inbox")
    database = Database.open_readonly(str(city / "tertulia.db"))
    with database.reading() as connection:
        told = verify(connection, app.keys, NOW + 400 * DAY)
    database.close_sync()
    assert told.problems == ()
    assert told.accepted == 3 * len(SCRIPT) + 3


async def _any(city: Path, table: str) -> bool:
    with sqlite3.connect(city / "tertulia.db") as database:
        found = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    database.close()
    return bool(found)


def test_whoever_writes_or_deletes_counted_rows_is_known_to_count_them() -> None:
    written = re.compile(r"(?:insert|delete)\(t\.(?:answer|response|outbox)\)")
    storage = Path(__file__).parents[2] / "storage"
    found = {f.name for f in storage.glob("*.py") if written.search(f.read_text())}
    assert found == {"batch.py", "erasure.py", "outbox.py", "retention.py"}
