"""The committer and the records, on a real SQLite file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text

from bot.app import Application
from bot.clock import ManualClock
from bot.instance import make_folder
from flows.inbound import Body, Envelope, Inbound, Pressed, Said
from storage import tables as t
from storage.committer import Committer
from storage.cuts import Which
from storage.database import Database
from storage.errors import StorageError, WrongVersion
from storage.keys import KeyRing
from storage.ledger import broken_links
from storage.live import account, count_valid
from storage.migrations import upgrade
from storage.outbox import mark_sent
from storage.readings import read_consultation
from storage.retention import DAY, KEPT_DAYS, forget_old
from storage.turns import Committed
from tests.support.cities import NOW

ADDRESS = "+57 300 CANARY 77"


@pytest.fixture
async def app(tmp_path: Path) -> Any:
    make_folder(tmp_path / "city")
    application = Application.at(tmp_path / "city", clock=ManualClock(NOW), base_url="http://x")
    await application.start(delivers=False)
    yield application
    await application.stop()


async def say(app: Application, number: int, body: Body, address: str = ADDRESS) -> Committed:
    at = NOW + number
    inbound = Inbound(channel="web", body=body, sent_at=at, order=(at, number))
    return await app.committer.submit(
        Envelope(
            channel="web",
            address=address,
            external_id=f"{address}/{number}",
            inbound=inbound,
            received_at=at,
        )
    )


SCRIPT: tuple[Body, ...] = (
    Said(text="HOLA"),
    Pressed(payload="A00:SI"),
    Pressed(payload="A02:PER"),
    Said(text="Agua para CANARY-TEXT"),
    Pressed(payload="A10:AGU"),
    Pressed(payload="A10:!ok"),
    Pressed(payload="A15:2"),
)


async def play(app: Application, address: str = ADDRESS) -> None:
    for number, body in enumerate(SCRIPT):
        await say(app, number, body, address)


def counts(app: Application) -> dict[str, int]:
    with app.database.reading() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in t.metadata.tables.items()
        }


async def test_a_replayed_update_changes_nothing(app: Application) -> None:
    await play(app)
    before = counts(app)
    outcomes = [(await say(app, n, body)).outcome for n, body in enumerate(SCRIPT)]
    assert set(outcomes) == {"duplicate"}
    assert counts(app) == before


async def test_a_second_answer_is_a_revision_and_the_first_one_stays(app: Application) -> None:
    await play(app)
    await say(app, 20, Said(text="ATRÁS"))
    await say(app, 21, Pressed(payload="A15:5"))
    with app.database.reading() as connection:
        rows = connection.execute(
            select(t.answer.c.revision, t.answer.c.value).where(t.answer.c.question == "A15")
        ).all()
        current = connection.scalar(
            select(t.current_answer.c.revision).where(t.current_answer.c.question == "A15")
        )
    assert [tuple(row) for row in rows] == [(0, "2"), (1, "5")]
    assert current == 1


async def test_accepted_is_applied_plus_ignored_plus_quarantined(app: Application) -> None:
    await play(app)
    bad = Envelope(
        channel="web", address="b", external_id="bad", inbound=None, received_at=NOW,
        raw=b"\xff\x00", problem="undecodable",
    )  # fmt: skip
    assert (await app.committer.submit(bad)).outcome == "quarantined"
    with app.database.reading() as connection:
        told = account(connection)
        kept = connection.scalar(select(t.quarantine.c.raw))
    assert told["accepted"] == told["applied"] + told["ignored"] + told["quarantined"]
    assert (told["quarantined"], kept) == (1, b"\xff\x00")


async def test_a_poison_update_stops_nobody(tmp_path: Path) -> None:
    def advance(session: Any, inbound: Inbound, ids: Any) -> Any:
        raise RuntimeError("seeded defect")

    database = Database.open(str(tmp_path / "x.db"))
    keys = KeyRing(keys=(b"k" * 32,), pepper=b"p" * 32)
    committer = Committer(database, keys, advance, lambda _: "2026-W48")
    await committer.start()
    inbound = Inbound(channel="web", body=Said(text="x"), sent_at=NOW)
    envelope = Envelope(
        channel="web", address="a", external_id="1", inbound=inbound, received_at=NOW
    )
    assert (await committer.submit(envelope)).outcome == "quarantined"
    assert await committer.write(lambda c: c.scalar(text("SELECT 1"))) == 1
    await committer.stop()
    await database.close()


async def test_erasing_leaves_a_counter_and_no_answer(app: Application) -> None:
    await play(app)
    await say(app, 30, Said(text="BORRAR"))
    await say(app, 31, Said(text="sí"))
    left = counts(app)
    assert (left["answer"], left["current_answer"], left["response"]) == (0, 0, 0)
    assert left["withdrawn_count"] == 1
    assert (await say(app, 6, SCRIPT[6])).outcome == "duplicate"
    assert counts(app)["answer"] == 0


async def test_no_address_is_readable_in_the_file(app: Application) -> None:
    await play(app)
    await app.committer.write(lambda c: None)
    files = Path(app.database.path).parent.glob("tertulia.db*")
    assert not any(b"CANARY 77" in file.read_bytes() for file in files)


async def test_a_changed_byte_breaks_the_chain_of_consents(app: Application) -> None:
    await play(app)
    with app.database.reading() as connection:
        assert broken_links(connection) == []
    await app.committer.write(lambda c: c.execute(text("UPDATE ledger SET body = body || ' '")))
    with app.database.reading() as connection:
        assert len(broken_links(connection)) == 1


async def test_the_live_total_equals_a_recount_at_every_prefix(app: Application) -> None:
    definition = app.folder.main.definition
    substantive = [q.id for q in definition.questions if q.is_substantive]
    for person in range(3):
        for number, body in enumerate(SCRIPT):
            await say(app, number, body, f"p{person}")
            with app.database.reading() as connection:
                live = count_valid(connection, "A", 1, substantive)
                readings = read_consultation(
                    connection,
                    definition,
                    Which(wave=1, week=app.week_of(NOW)),
                    zone=app.folder.instance.city.time_zone,
                    now=NOW + 1_000_000,
                )
            rows = readings.responses.rows()
            assert live == sum(n for _, s, _, n, _ in rows if s in ("partial", "complete"))


async def test_many_people_at_once_share_commits_and_lose_nothing(app: Application) -> None:
    await asyncio.gather(*(play(app, f"p{n}") for n in range(40)))
    assert counts(app)["participant"] == 40
    assert counts(app)["current_answer"] == 40 * 4


def test_full_durability_is_really_set(tmp_path: Path) -> None:
    database = Database.open(str(tmp_path / "x.db"))
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    database.close_sync()


def test_tables_and_migrations_agree(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = Database.open(str(tmp_path / "x.db"))
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), t.metadata) == []
    database.close_sync()


def test_an_older_database_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path) -> None:
    old = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(old, "0001")
    with old.begin() as connection:
        connection.execute(
            text("INSERT INTO answers_link (key, participant, expires_at) VALUES (x'01', 7, 9)")
        )
    old.dispose()
    with pytest.raises(WrongVersion) as raised:
        Database.open_readonly(str(tmp_path / "x.db"))
    assert "run «tertulia serve» once" in str(raised.value)
    database = Database.open(str(tmp_path / "x.db"))
    with database.reading() as connection:
        assert connection.execute(select(t.answers_link)).one()[:4] == (b"\x01", 7, "", "")
    database.close_sync()


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StorageError) as raised:
        Database.open(str(tmp_path / "x.db"))
    assert str(raised.value) == "x.db is not a database."


def test_every_owned_table_has_the_bucket_first_in_its_key() -> None:
    owned = [
        table for table in t.metadata.tables.values() if "participant" in table.primary_key.columns
    ]
    assert owned
    assert all(next(iter(table.primary_key.columns)).name == "bucket" for table in owned)


async def test_ids_and_sent_messages_are_forgotten_after_thirty_days_and_answers_are_not(
    app: Application,
) -> None:
    await play(app)
    before = counts(app)
    end = NOW + len(SCRIPT)
    in_time = end + (KEPT_DAYS - 1) * DAY
    assert await app.committer.write(lambda c: forget_old(c, in_time)) == 0
    assert (await say(app, 1, SCRIPT[1])).outcome == "duplicate"
    await app.committer.write(lambda c: mark_sent(c, range(1, 100), end))
    later = end + (KEPT_DAYS + 1) * DAY
    assert await app.committer.write(lambda c: forget_old(c, later)) > len(SCRIPT)
    after = counts(app)
    assert after["inbox"] == 0
    assert after["outbox"] == 1
    assert after["answer"] == before["answer"] > 0
