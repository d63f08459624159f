"""backup, restore, migrate: what a technician does, and every file that is not the right one."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from bot.app import Application
from bot.cli import main
from bot.clock import ManualClock
from bot.handover import take_lock
from flows.inbound import Body, Envelope, Inbound, Said
from storage import tables as t
from storage.migrations import upgrade
from tests.storage.test_verify import SCRIPT, live
from tests.support.cities import NOW, small_city

LATER = 3_600_000_000


def read_folder(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def standing(app: Application) -> dict[str, list[Any]]:
    """What counts: answers that stand, states, permissions, withdrawals. No times."""
    a, r, p, w = t.answer.c, t.response.c, t.permission.c, t.withdrawn_count.c
    statements = {
        "answers": select(a.participant, a.wave, a.question, a.kind, a.value).join(
            t.current_answer, t.IS_CURRENT
        ),
        "responses": select(r.participant, r.wave, r.state, r.country, r.language),
        "permissions": select(p.participant, p.purpose),
        "withdrawn": select(w.consultation, w.wave, w.week, w.n),
    }
    with app.database.reading() as connection:
        return {
            name: sorted(map(repr, connection.execute(statement)))
            for name, statement in statements.items()
        }


class Post:
    """A platform that can bring again what it brought: with its own time, received anew."""

    def __init__(self, app: Application, now: int) -> None:
        self.app, self.now = app, now
        self.sent: list[tuple[str, int, Body, int]] = []

    async def bring(self, address: str, number: int, body: Body, sent_at: int) -> str:
        self.sent.append((address, number, body, sent_at))
        self.now += 1_000
        inbound = Inbound(channel="loopback", body=body, sent_at=sent_at, order=(sent_at, number))
        envelope = Envelope(
            channel="loopback", address=address, external_id=f"{address}/{number}",
            inbound=inbound, received_at=self.now,
        )  # fmt: skip
        return (await self.app.committer.submit(envelope)).outcome


async def opened(folder: Path) -> Application:
    app = Application.at(folder, clock=ManualClock(NOW), base_url="http://x")
    await app.start(delivers=False)
    return app


async def answer_all(post: Post, address: str, begun: int) -> None:
    for number, body in enumerate(SCRIPT, start=1):
        await post.bring(address, number, body, begun + number)


async def test_restored_and_brought_again_the_records_are_the_same_and_the_erased_stay_so(
    tmp_path: Path, capsys: Any
) -> None:
    city = small_city(tmp_path / "city")
    app = await opened(city)
    post = Post(app, NOW + LATER)
    for address in ("ana", "luz"):
        await answer_all(post, address, NOW)
    assert main(["backup", "--instance", str(city), str(tmp_path / "backup.db")]) == 0
    since = len(post.sent)
    await answer_all(post, "rui", NOW + 1_000)
    await answer_all(post, "zoe", NOW + 2_000)
    for address in ("luz", "zoe"):
        for number, word in ((20, "BORRAR"), (21, "sí")):
            await post.bring(address, number, Said(text=word), NOW + 5_000 + number)
    await post.bring("ana", 22, Said(text="Primero el agua"), NOW + 6_000)
    as_it_was = standing(app)
    await app.stop()
    assert len(as_it_was["withdrawn"]) == 1

    assert main(["restore", "--instance", str(city), str(tmp_path / "backup.db")]) == 0
    assert "kept: 2" in capsys.readouterr().out
    app = await opened(city)
    assert answers_of(app, "luz") == []
    assert len(answers_of(app, "ana")) == 4
    again = Post(app, NOW + 3 * LATER)
    outcomes = [await again.bring(*one) for one in post.sent[since:]]
    assert set(outcomes) == {"applied", "ignored"}
    assert standing(app) == as_it_was
    assert [await again.bring(*one) for one in post.sent] == ["duplicate"] * len(post.sent)
    await app.stop()
    assert main(["verify", "--instance", str(city)]) == 0


def answers_of(app: Application, address: str) -> list[str]:
    participant = app.keys.participant_id("loopback", address)
    return [row for row in standing(app)["answers"] if str(participant) in row]


async def test_after_a_restore_no_message_number_comes_twice(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    await live(city)
    main(["backup", "--instance", str(city), str(tmp_path / "b.db")])
    main(["restore", "--instance", str(city), str(tmp_path / "b.db")])
    app = await opened(city)
    await Post(app, NOW + LATER).bring("new", 1, SCRIPT[0], NOW)
    with app.database.reading() as connection:
        numbers = list(connection.scalars(select(t.outbox.c.id).order_by(t.outbox.c.id)))
    await app.stop()
    assert numbers[-1] - numbers[-2] > 1_000


WRONG_FILES = {
    "none.db": "There is no file none.db.",
    "text.db": "text.db is no backup of Tertulia, or it is damaged.",
    "other.db": "other.db is no backup of Tertulia.",
    "newer.db": "newer.db has version 9999, this program",
    "damaged.db": "is damaged",
    "foreign.db": "foreign.db was made with other keys than those in keys/",
}


@pytest.fixture
async def wrong(tmp_path: Path) -> Path:
    """Every kind of file that is no backup of this city."""
    await live(small_city(tmp_path / "elsewhere"))
    foreign = tmp_path / "elsewhere" / "tertulia.db"
    for name in ("newer.db", "damaged.db", "foreign.db"):
        shutil.copy(foreign, tmp_path / name)
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    damaged = bytearray(foreign.read_bytes())
    damaged[8192:20000] = b"\x55" * (20000 - 8192)
    (tmp_path / "damaged.db").write_bytes(damaged)
    (tmp_path / "text.db").write_text("no database\n" * 400)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE cats (name)")
    other.close()
    return tmp_path


async def test_what_is_no_backup_is_one_sentence_and_changes_nothing(
    wrong: Path, capsys: Any
) -> None:
    city = small_city(wrong / "city")
    await live(city)
    take_lock(city).close()  # type: ignore[union-attr]
    before = read_folder(city)
    for name, sentence in WRONG_FILES.items():
        capsys.readouterr()
        assert main(["restore", "--instance", str(city), str(wrong / name)]) == 1
        said = capsys.readouterr().err
        assert sentence in said
        assert said.count("\n") == 1
        assert read_folder(city) == before, name


async def test_nothing_is_restored_or_migrated_while_somebody_serves(
    tmp_path: Path, capsys: Any
) -> None:
    city = small_city(tmp_path / "city")
    await live(city)
    main(["backup", "--instance", str(city), str(tmp_path / "b.db")])
    lock = take_lock(city)
    assert lock is not None
    before = read_folder(city)
    for verb in (["restore", str(tmp_path / "b.db")], ["migrate"]):
        assert main([verb[0], "--instance", str(city), *verb[1:]]) == 1
        assert "stop it first" in capsys.readouterr().err
    assert read_folder(city) == before
    lock.close()


OLD_ROWS = (
    "INSERT INTO participant (bucket, participant, created_at) VALUES (7, 7, 1)",
    "INSERT INTO contact_index (key, participant) VALUES (x'01', 7)",
    (
        "INSERT INTO response (bucket, participant, consultation, wave, state, started_at,"
        " channel) VALUES (7, 7, 'A', 1, 'accepted', 1, 'import')"
    ),
    (
        "INSERT INTO answer (bucket, participant, consultation, wave, question, revision,"
        " question_version, kind, value, answered_at, event)"
        " VALUES (7, 7, 'A', 1, 'A15', 0, 1, 'given', '2', 1, 1)"
    ),
    (
        "INSERT INTO current_answer (bucket, participant, consultation, wave, question, revision)"
        " VALUES (7, 7, 'A', 1, 'A15', 0)"
    ),
    "INSERT INTO withdrawn_count VALUES ('A', 1, '2026-W48', 3)",
    f"INSERT INTO inbox VALUES (7, x'02', 'web', 'ignored', {NOW})",
)


def test_migrate_brings_an_old_city_up_to_date_and_counts_what_it_has(
    tmp_path: Path, capsys: Any
) -> None:
    city = small_city(tmp_path / "city")
    old = create_engine(f"sqlite:///{city / 'tertulia.db'}")
    upgrade(old, "0002")
    with old.begin() as connection:
        for statement in OLD_ROWS:
            connection.exec_driver_sql(statement)
    old.dispose()
    assert main(["verify", "--instance", str(city)]) == 1
    assert "tertulia migrate" in capsys.readouterr().err
    assert main(["migrate", "--instance", str(city)]) == 0
    assert "from version 0002 to 0007" in capsys.readouterr().out
    main(["verify", "--instance", str(city)])
    told = capsys.readouterr().out
    assert "1 accepted = 0 applied + 1 ignored + 0 quarantined" in told
    assert [line for line in told.splitlines() if line.startswith(("answer", "withdrawn"))] == []


async def test_a_database_that_another_program_holds_is_one_sentence(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = small_city(tmp_path / "city")
    await live(city)
    monkeypatch.setattr("storage.database.BUSY_MS", 50)
    holder = sqlite3.connect(city / "tertulia.db", isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    for verb in ("verify", "migrate"):
        assert main([verb, "--instance", str(city)]) == 1
        said = capsys.readouterr().err
        assert said == "tertulia.db is in use by another program; stop it, or try again.\n"
    holder.close()
