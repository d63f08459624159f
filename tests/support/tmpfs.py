"""A small disk of its own for a process: full, read-only, or mended, without anybody noticing."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

needs_own_disk = pytest.mark.skipif(
    os.geteuid() != 0
    or shutil.which("unshare") is None
    or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode,
    reason="needs root and unshare -m: a small disk is mounted for the process alone",
)
