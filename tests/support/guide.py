"""Runs the commands of a guide, in its order, as the person who follows it would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.serving import free_port

DOCS = Path(__file__).parents[2] / "docs"
CONNECTED = ("telegram_connected", "desk_connected")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands_of(name: str) -> list[str]:
    """The lines of a guide's `sh` blocks."""
    blocks = BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def settings_of(name: str, key: str) -> str:
    """A value that the guide writes into secrets.env."""
    found = re.search(rf"^{key}=(.+)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, key
    return found.group(1)


@dataclass(slots=True)
class Follower:
    """Somebody in an empty folder with the guide in hand. `said` is what they saw, in order."""

    folder: Path
    said: list[tuple[str, str]] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    _server: subprocess.Popen[str] | None = None

    def run(self, command: str, awaits: tuple[str, ...] = CONNECTED) -> str:
        """Run one command; returns what it printed. It must succeed.

        `serve` goes on beside, as soon as it has said what `awaits` names.
        """
        assert command.startswith("tertulia "), command
        arguments = command.replace('"', "").split()[1:]
        whole = [sys.executable, "-m", "bot", *arguments]
        if arguments[0] == "serve":
            said = self._serve([*whole, "--port", str(self.port)], awaits)
        else:
            done = subprocess.run(
                whole,
                cwd=self.folder,
                env=_environment(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            said = done.stdout + done.stderr
            assert done.returncode == 0, (command, said)
        self.said.append((command, said.strip()))
        return said

    def _serve(self, command: list[str], awaits: tuple[str, ...]) -> str:
        log = self.folder / "serve.txt"
        with log.open("w") as written:
            self._server = subprocess.Popen(
                command,
                cwd=self.folder,
                env=_environment(),
                stdout=written,
                stderr=written,
                text=True,
            )
        for _ in range(400):
            said = log.read_text()
            if all(words in said for words in awaits):
                httpx.get(f"http://127.0.0.1:{self.port}/livez").raise_for_status()
                return said
            time.sleep(0.05)
        raise AssertionError(log.read_text())

    def stop(self) -> None:
        """Stop the server, if it runs, as systemd would."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=30)
            self._server = None


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "TERTULIA_INSTANCE": ""}
