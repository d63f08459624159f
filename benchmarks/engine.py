"""CPU per answer of the engine on consultation A, sessions loaded and dumped on every turn."""

from __future__ import annotations

import time

from flows.inbound import Body, Pressed, Said
from tests.support.cities import Talker, bound

PEOPLE = 300
SCRIPT: tuple[Body, ...] = (
    Said(text="HOLA"),
    Pressed(payload="A00:SI"),
    Pressed(payload="A02:PER"),
    Said(text="Que el agua llegue todos los días"),
    Pressed(payload="A10:AGU"),
    Pressed(payload="A10:EMP"),
    Pressed(payload="A10:!ok"),
    Pressed(payload="A15:2"),
    Said(text="Primero el acueducto"),
    Pressed(payload="A01:RES"),
    Said(text="3"),
    Said(text="1 3"),
    Pressed(payload="!more:no"),
)


def main() -> None:
    """Print microseconds of CPU per turn."""
    consultation = bound()
    begun = time.process_time()
    for _ in range(PEOPLE):
        talk = Talker(consultation)
        for body in SCRIPT:
            talk(body)
    turns = PEOPLE * len(SCRIPT)
    each = (time.process_time() - begun) / turns * 1e6
    print(f"{turns} turns, {each:.0f} microseconds of CPU per turn (load and dump included)")


if __name__ == "__main__":
    main()
