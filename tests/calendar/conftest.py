"""A town for every test: made and read once, then copied."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.instance import Folder, load_folder
from storage.database import Database
from tests.calendar.town import Town, make_city


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    path = make_city(tmp_path_factory.mktemp("calendar") / "city", quiet_days=[])
    folder = load_folder(path)
    Database.open(folder.database).close_sync()
    return folder


@pytest.fixture
async def town(made: Folder, tmp_path: Path) -> Any:
    """On 3 February 2027 at 10:00, while the first of two waves is open."""
    shutil.copytree(made.path, tmp_path / "city")
    there = await Town(replace(made, path=tmp_path / "city"), "2027-02-03 10:00").start()
    yield there
    await there.app.stop()
