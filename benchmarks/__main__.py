"""`make bench`: every benchmark in turn, then the start of the program and its memory."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path


def _section(title: str) -> None:
    print(f"\n== {title}", flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kb = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kb.split()[1]) / 1024


def _help_seconds() -> float:
    best = 9.0
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", "--help"], check=True, capture_output=True)
        best = min(best, time.perf_counter() - begun)
    return best


def _serve_seconds_and_memory() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bot"]
        subprocess.run([*command, "init", f"{folder}/city"], check=True, capture_output=True)
        port = _free_port()
        begun = time.perf_counter()
        server = subprocess.Popen(
            [*command, "serve", "--instance", f"{folder}/city", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while time.perf_counter() - begun < 30:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).read()
                    break
                except OSError:
                    time.sleep(0.02)
            return time.perf_counter() - begun, _resident_mb(server.pid)
        finally:
            server.terminate()
            server.wait(timeout=20)


def main() -> None:
    """Run them all; each prints its own figures."""
    for name, title in (
        ("benchmarks.engine", "Engine: CPU per answer (aim: at most 100 microseconds)"),
        ("benchmarks.committer", "Committer: durable turns a second"),
        ("benchmarks.coverage", "Intervals: how often they hold the truth, by simulation"),
        ("benchmarks.summaries", "Summary beside a bare SQL scan (all sizes: --people 500000)"),
    ):
        _section(title)
        subprocess.run([sys.executable, "-m", name], check=True)
    _section("Program: start and memory")
    print(f"tertulia --help       {_help_seconds():6.2f} s   (aim: under 3)")
    seconds, megabytes = _serve_seconds_and_memory()
    print(f"tertulia serve, ready {seconds:6.2f} s   (aim: under 3)")
    print(f"tertulia serve, idle  {megabytes:6.0f} MB resident")


if __name__ == "__main__":
    main()
