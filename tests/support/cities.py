"""Instance folders, engines and import files for tests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from bot.cli import main
from bot.instance import CATALOGUE, load_folder, load_instance, make_folder
from flows.binding import BoundConsultation, bind
from flows.engine import advance
from flows.inbound import Body, Inbound
from flows.loading import parse_consultation
from flows.messages import Message
from flows.session import Context, Session, Turn, dump_session, load_session

NOW = 1_796_000_000_000_000
"""2026-11-30, while wave 1 of the catalogue's consultations is open."""
CASES = Path(__file__).parents[1] / "data" / "cases"


def bound(name: str = "A") -> BoundConsultation:
    """A consultation of the catalogue in its made-up city."""
    text = (CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8")
    return bind(parse_consultation(text, f"{name}.yaml"), load_instance(CATALOGUE / "city"))


class Talker:
    """A person talking with the pure engine; every session goes through its bytes."""

    def __init__(self, consultation: BoundConsultation, language: str | None = None) -> None:
        self.bound = consultation
        self.language = language
        self.session: Session | None = None
        self.turns: list[Turn] = []
        self.is_open = True
        self.at = NOW

    def __call__(self, body: Body, message_id: int | None = None) -> Message | None:
        self.at += 1_000_000
        order = (self.at, message_id or len(self.turns) + 1)
        inbound = Inbound(
            channel="web", body=body, sent_at=self.at, order=order, language=self.language
        )
        context = Context(
            now=self.at,
            seed=11,
            receipt="K7M-2QX-9PR",
            token="t",
            answers_url="https://city.example/mis/t",
            wave=1 if self.is_open else None,
        )
        turn = advance(self.bound, self.session, inbound, context)
        assert len(turn.messages) <= 1
        self.session = load_session(dump_session(turn.session))
        assert self.session == turn.session
        self.turns.append(turn)
        return turn.messages[0] if turn.messages else None

    def events(self, kind: type) -> list[Any]:
        """Everything of one kind that happened."""
        return [e for turn in self.turns for e in turn.events if isinstance(e, kind)]

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """The answers that the session holds."""
        assert self.session is not None
        return dict(self.session.progress[self.bound.definition.id].answers)


def small_city(folder: Path, k: int = 3) -> Path:
    """A city like the worked cases': k 3 and the themes GTF1 to GTF7."""
    make_folder(folder)
    city = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))
    city |= {"k": {"public": k, "internal": k}, "sector_minimum": 5, "made_up": True}
    (folder / "city.yaml").write_text(yaml.safe_dump(city, allow_unicode=True), encoding="utf-8")
    plan = {
        "name": "Plan",
        "axes": [{"code": "E1", "label": "Eje"}],
        "objectives": [{"code": "O1", "label": "Objetivo", "axis": "E1"}],
        "themes": [
            {"code": f"GTF{n}", "label": f"Tema {n}", "objectives": ["O1"]} for n in range(1, 8)
        ],
    }
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    load_folder(folder)
    return folder


def case(name: str) -> dict[str, Any]:
    """A worked case."""
    loaded: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def import_rows(
    folder: Path, rows: Iterable[dict[str, str]], *, consultation: str = "A", wave: int = 1
) -> int:
    """Import rows through the command line; returns the exit code."""
    listed = list(rows)
    text = io.StringIO()
    names = sorted({name for row in listed for name in row})
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(listed)
    file = folder / "answers.csv"
    file.write_text(text.getvalue(), encoding="utf-8")
    return main(
        ["import-answers", "--instance", str(folder), "--consultation", consultation]
        + ["--wave", str(wave), str(file)]
    )


Read = Callable[..., dict[str, Any]]


def read_json(capsysbinary: Any, *arguments: str) -> dict[str, Any]:
    """What a verb prints as JSON."""
    capsysbinary.readouterr()
    assert main([*arguments, "--format", "json"]) == 0
    printed: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
    return printed
