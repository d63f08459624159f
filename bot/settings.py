"""What the environment says; the only reader of `os.environ`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`instance`: the folder when no --instance is given. `log_level`: DEBUG, INFO…"""

    instance: Path
    log_level: str

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment."""
        return cls(
            instance=Path(os.environ.get("TERTULIA_INSTANCE", ".")),
            log_level=os.environ.get("TERTULIA_LOG", "INFO").upper(),
        )
