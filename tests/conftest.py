"""What several suites need: a running city."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.serving import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "bot", "init", str(tmp_path / "city")]
    subprocess.run(command, check=True, capture_output=True)
    running = Server(tmp_path / "city")
    running.start()
    yield running
    running.kill()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the reviewed transcripts anew")
