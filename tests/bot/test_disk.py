"""The disk full, read-only: what is not safe is not acknowledged, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tmpfs import needs_own_disk

ROOT = Path(__file__).parents[2]
FULL = """
import json, os, signal, subprocess, sys, time
from pathlib import Path
import httpx
from tests.support.serving import Server

city = Path(sys.argv[1])
subprocess.run([sys.executable, "-m", "bot", "init", str(city)], check=True, capture_output=True)
server = Server(city)
server.start()
base = f"http://127.0.0.1:{server.port}"
told = {"ready": [], "acked": 0, "refused": set()}
with httpx.Client(base_url=base, timeout=10) as page:
    page.get("/chat")
    def ready():
        told["ready"].append(page.get("/readyz").status_code)
        time.sleep(1.1)
    def send(number, text):
        said = json.dumps({"id": f"m{number}", "text": text})
        return page.post("/chat/send", content=said).status_code
    number = 0
    def say(times):
        global number
        for _ in range(times):
            number += 1
            status = send(number, "HOLA " * 500)
            if status == 200:
                told["acked"] += 1
            else:
                told["refused"].add(status)
    ready()
    say(5)
    ballast = open(city / "ballast", "wb")
    try:
        while True:
            ballast.write(b"x" * 4096)
            ballast.flush()
    except OSError:
        pass
    for _ in range(60):
        say(5)
        if told["refused"]:
            break
    ready()
    pid = server.process.pid
    os.truncate(city / "ballast", 0)
    time.sleep(0.5)
    ready()
    say(5)
    told["same"] = server.process.poll() is None and server.process.pid == pid
server.process.send_signal(signal.SIGTERM)
told["code"] = server.process.wait(timeout=60)
told["refused"] = sorted(told["refused"])
verify = subprocess.run(
    [sys.executable, "-m", "bot", "verify", "--instance", str(city), "--json"],
    capture_output=True, text=True,
)
told["verify"] = json.loads(verify.stdout)
print(json.dumps(told))
"""


def on_a_small_disk(folder: Path, script: str, megabytes: int = 6) -> dict[str, object]:
    """What the script prints, run where `folder` is a disk of so many megabytes."""
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={megabytes}m none {folder}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{mount} && exec "$0" -c "$1" {folder}/city']
        + [sys.executable, script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    printed: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return printed


@pytest.mark.slow
@needs_own_disk
def test_a_full_disk_answers_503_and_recovers_by_itself(tmp_path: Path) -> None:
    told = on_a_small_disk(tmp_path / "disk", FULL)
    assert told["refused"] == [503]
    assert told["ready"] == [200, 503, 200]
    assert (told["same"], told["code"]) == (True, 0)
    verdict = told["verify"]
    assert isinstance(verdict, dict)
    assert verdict["problems"] == []
    assert verdict["accepted"] == told["acked"]
