"""The published schemas hold for what the program ships and makes; broken files are refused."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.instance import CATALOGUE
from flows.errors import DefinitionError
from flows.loading import parse_consultation
from tests.support.cities import import_rows, read_json, small_city


class _Plain(yaml.CSafeLoader):
    """Dates stay the text they are."""


_Plain.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def schema(room: str, name: str) -> Any:
    return json.loads((files(room) / "schema" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["A", "B"])
def test_shipped_definitions_fit_the_published_schema(name: str) -> None:
    text = (CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8")
    loaded = yaml.load(text, Loader=_Plain)
    jsonschema.validate(loaded, schema("flows", "consultation.schema.json"))
    assert parse_consultation(text, name).questions


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("kind: consulta", "kind: encuesta", "value"),
        ("type: rank", "type: ranking", "value"),
        ("max_choices: 3", "max_choice: 3", "unknown_key"),
        ("  decision:", "  decisions:", "gate_1"),
        ("relevant: ${A15}", "relevant: ${A51}", "reference"),
        ("against: ['1', '2']", "against: []", "asymmetrical"),
    ],
)
def test_each_mistake_is_told_with_its_line(before: str, after: str, code: str) -> None:
    text = (CATALOGUE / "A.yaml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(DefinitionError) as raised:
        parse_consultation(text.replace(before, after, 1), "A.yaml")
    assert code in {issue.code for issue in raised.value.issues}
    assert all(issue.where.startswith("A.yaml:") for issue in raised.value.issues)


def test_all_mistakes_are_told_at_once() -> None:
    text = (CATALOGUE / "A.yaml").read_text(encoding="utf-8")
    broken = text.replace("type: rank", "type: ranking").replace("version: 1", "version: one")
    with pytest.raises(DefinitionError) as raised:
        parse_consultation(broken, "A.yaml")
    assert len(raised.value.issues) >= 3


@pytest.mark.parametrize("view", ["internal", "public"])
def test_a_summary_fits_the_published_schema(tmp_path: Path, capsysbinary: Any, view: str) -> None:
    city = small_city(tmp_path / "city")
    rows = [
        {"participant": f"p{n}", "question": q, "value": v, "answered_at": "2026-11-10",
         "actor_type": "S1.1" if n % 2 else "S2.2"}
        for n in range(12)
        for q, v in (("A15", str(1 + n % 5)), ("A10", "GTF1|GTF2"), ("A13", "agua"))
    ]  # fmt: skip
    assert import_rows(city, rows) == 0
    summary = read_json(capsysbinary, "summary", "--instance", str(city), "--view", view)
    jsonschema.validate(summary, schema("reports", "summary.schema.json"))
