"""Power cuts, a full disk and a disk that fails, under the product's own statements."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from sqlalchemy import func, select

from benchmarks.power import prove
from bot.app import Application
from bot.clock import ManualClock
from storage import tables as t
from storage.errors import Unavailable
from tests.storage.test_verify import SCRIPT, say
from tests.support.cities import NOW, small_city
from tests.support.disk import Paper, on_paper

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_no_power_cut_loses_what_was_acknowledged() -> None:
    found = prove("FULL", cuts=40, people=15, seed=1)
    assert (found.cuts, found.lost, found.broken) == (40, 0, 0)
    assert found.acknowledged > 1_000


def test_the_same_cuts_show_what_a_weaker_setting_would_lose() -> None:
    found = prove("NORMAL", cuts=20, people=15, seed=1)
    assert found.lost > 0
    assert found.broken == 0


async def test_a_full_disk_refuses_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    paper, is_full = Paper("full"), False

    def refuse(kind: str, _file: str) -> None:
        if is_full and kind == "write":
            raise apsw.FullError("database or disk is full")

    paper.refuse = refuse
    with on_paper("full"):
        app = Application.at(small_city(tmp_path / "city"), clock=ManualClock(NOW))
        await app.committer.start()
        await say(app, "ana", 0, SCRIPT[0])
        is_full = True
        with pytest.raises(Unavailable, match="The disk is full"):
            await say(app, "ana", 1, SCRIPT[1])
        assert not app.committer.can_write
        is_full = False
        outcomes = [(await say(app, "ana", n, SCRIPT[n])).outcome for n in (0, 1, 2)]
        inbox = await app.committer.write(
            lambda c: c.scalar(select(func.count()).select_from(t.inbox))
        )
        await app.committer.stop()
        app.database.close_sync()
    paper.close()
    assert (outcomes, inbox) == (["duplicate", "applied", "applied"], 3)


FAILS = """
import asyncio, sys
from pathlib import Path
import apsw
from bot.app import Application
from bot.clock import ManualClock
from tests.storage.test_verify import SCRIPT, say
from tests.support.cities import NOW, small_city
from tests.support.disk import Paper, on_paper

fails = False

def refuse(kind, file):
    if fails and kind == sys.argv[2]:
        raise apsw.IOError("disk I/O error")

async def main():
    global fails
    app = Application.at(small_city(Path(sys.argv[1])), clock=ManualClock(NOW))
    await app.committer.start()
    print((await say(app, "ana", 0, SCRIPT[0])).outcome, flush=True)
    fails = True
    print((await say(app, "ana", 1, SCRIPT[1])).outcome, flush=True)

paper = Paper("fails")
paper.refuse = refuse
with on_paper("fails"):
    asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["sync", "write"])
def test_a_failing_disk_ends_the_process_and_nothing_is_acknowledged(
    tmp_path: Path, kind: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS, str(tmp_path / "city"), kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (74, ["applied"]), done.stderr
