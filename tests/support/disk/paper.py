"""A file system that writes down every write, sync and cut of a length, and can refuse them.

From what it wrote down the disk can be drawn as it may have been at any moment: what was synced
is there; of the writes since, each is there, gone, or there in part, as a real disk would have it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(slots=True)
class Paper:
    """What happened to the files of a folder, in order.

    `trace` holds ("write", file, offset, bytes), ("cut", file, size), ("sync", file),
    ("gone", file) and ("mark", anything). `refuse` may raise an apsw error instead of letting a
    "write" or "sync" happen.
    """

    name: str
    trace: list[tuple[Any, ...]] = field(default_factory=list)
    refuse: Callable[[str, str], None] = lambda _kind, _file: None
    vfs: Any = None

    def __post_init__(self) -> None:
        self.vfs = _Vfs(self)

    def mark(self, what: Any) -> None:
        """Note that something was promised at this moment."""
        self.trace.append(("mark", what))

    def close(self) -> None:
        self.vfs.unregister()


class _Vfs(apsw.VFS):
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        super().__init__(paper.name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802 - SQLite's names
        return _File(self.paper, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.paper.trace.append(("gone", Path(filename).name))


class _File(apsw.VFSFile):
    def __init__(self, paper: Paper, name: Any, flags: list[int]) -> None:
        self.paper = paper
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.file = Path(path).name if path else "temporary"
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.paper.refuse("write", self.file)
        super().xWrite(data, offset)
        self.paper.trace.append(("write", self.file, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self.paper.trace.append(("cut", self.file, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.paper.refuse("sync", self.file)
        super().xSync(flags)
        self.paper.trace.append(("sync", self.file))


def image_at(trace: list[tuple[Any, ...]], at: int, rng: random.Random) -> dict[str, bytes]:
    """The files as a power cut after `at` steps may leave them.

    A file system with a journal keeps the order of what happens to names: once anything was
    synced after a file was deleted, it stays deleted.
    """
    files: dict[str, bytearray] = {}
    last_sync: dict[str, int] = {}
    for number, step in enumerate(trace[:at]):
        if step[0] == "sync":
            last_sync[step[1]] = number
    for number, step in enumerate(trace[:at]):
        if step[0] not in ("write", "cut", "gone"):
            continue
        synced = max(last_sync.values(), default=-1) if step[0] == "gone" else None
        is_safe = number < (last_sync.get(step[1], -1) if synced is None else synced)
        _apply(files, step, None if is_safe else rng)
    return {name: bytes(content) for name, content in files.items()}


def _apply(files: dict[str, bytearray], step: tuple[Any, ...], rng: random.Random | None) -> None:
    """One step, whole if it is safe, else perhaps not or in part."""
    fate = "whole" if rng is None else rng.choice(("whole", "gone", "part"))
    kind, name = step[0], step[1]
    if kind == "gone":
        if fate == "whole":
            files.pop(name, None)
    elif kind == "cut":
        if fate == "whole":
            del files.setdefault(name, bytearray())[step[2] :]
    elif fate != "gone":
        _write(files.setdefault(name, bytearray()), step[2], step[3], rng, fate)


def _write(
    content: bytearray, offset: int, data: bytes, rng: random.Random | None, fate: str
) -> None:
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    if fate == "whole" or rng is None:
        content[offset : offset + len(data)] = data
        return
    for at in range(0, len(data), SECTOR):  # a disk writes whole sectors, in any order
        if rng.random() < 0.5:
            part = data[at : at + SECTOR]
            content[offset + at : offset + at + len(part)] = part
