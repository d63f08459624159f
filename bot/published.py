"""What was published, as it lies in the records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection

from flows.binding import BoundConsultation
from reports.publication import Bases, Memory
from storage.publications import KeptPublication, find_publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The body of a publication. `as_of`: its cut; `at`: when it was made, for people.

    `bases`, `blocks` and `anchors` are what the next one is protected with (RC6d). `changed`:
    the figures that a correction changed.
    """

    at: str
    bases: Bases
    summary: dict[str, Any]
    as_of: int = 0
    blocks: dict[str, list[list[str]]] = field(default_factory=dict)
    anchors: dict[str, list[str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    @property
    def hidden(self) -> dict[str, frozenset[str]]:
        """The anchors as the guard wants them."""
        return {by: frozenset(codes) for by, codes in self.anchors.items()}

    @property
    def memory(self) -> Memory:
        """What the next publication must not be subtracted from."""
        return Memory(self.bases, self.blocks)

    def packed(self) -> bytes:
        """As it is kept: the same publication, the same bytes."""
        return msgspec.json.encode(self)


def unpack(kept: KeptPublication) -> Publication:
    """The body of a kept publication."""
    return msgspec.json.decode(kept.body, type=Publication)


def last_publication(
    connection: Connection, bound: BoundConsultation, wave: int | None
) -> Publication | None:
    """The last publication of a wave, or of all together."""
    kept = find_publication(connection, bound.definition.id, wave)
    return None if kept is None else unpack(kept)
