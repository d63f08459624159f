"""Open answers: suggested by words, confirmed by people, agreement as computed by hand (RC11)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from flows.codebook import CodeTheme, parse_codebook, suggest
from flows.errors import DefinitionError
from flows.readings import CodedText
from reports.coding import BURST, MINUTE, coding_block, flags
from tests.support.cities import import_rows, read_json, small_city

BOOK = """
A13:
- {code: agua, label: {es: Agua, fr: Eau}, words: [agu*, "tubo roto"], unless: [piscina]}
- {code: bus, label: {es: Buses, fr: Bus}, words: [bus, buses]}
"""
THEMES = parse_codebook(BOOK, "codebook.yaml")["A13"]


def text(said: str, *codings: tuple[str, str], at: int = 0) -> CodedText:
    listed = tuple((n, who, tuple(c for c in codes.split("|") if c)) for n, (who, codes) in
                   enumerate(codings))  # fmt: skip
    return CodedText("A13", 1, said, at, listed)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("Que llegue AGUA a diario", ("agua",)),
        ("Aguacero y buses llenos", ("agua", "bus")),
        ("El tubo roto de la esquina", ("agua",)),
        ("Agua en la piscina", ()),
        ("El autobús", ()),
        ("", ()),
    ],
)
def test_words_and_rules_suggest(said: str, codes: tuple[str, ...]) -> None:
    assert suggest(said, THEMES) == codes


def test_a_codebook_with_mistakes_tells_them_all() -> None:
    with pytest.raises(DefinitionError) as raised:
        parse_codebook(
            "A13:\n- {code: a b}\n- {code: x}\n- {code: x}\n- {cod: z}", "codebook.yaml"
        )
    assert {issue.code for issue in raised.value.issues} >= {"code", "twice", "unknown_key"}


def test_agreement_and_kappa_are_those_computed_by_hand() -> None:
    # Both agua 4, both bus 3, agua/bus 2, bus/agua 1: observed 7/10. First coder: 6 agua, 4 bus;
    # second: 5 and 5. By chance (6x5 + 4x5)/100 = 1/2. Kappa (0.7 - 0.5)/0.5 = 0.40.
    pairs = [("agua", "agua")] * 4 + [("bus", "bus")] * 3 + [("agua", "bus")] * 2
    pairs += [("bus", "agua")]
    texts = [text(f"texto número {n}", ("Ana", a), ("Luis", b)) for n, (a, b) in enumerate(pairs)]
    block = coding_block([*texts, text("sin leer"), text("tampoco")], THEMES, 3)
    assert block is not None
    assert block["agreement"] == {"n": 10, "percent": "70.0", "kappa": "0.40"}
    assert (block["coded"], block["uncoded_percent"]) == (10, "16.7")
    assert [(t["code"], t["n"], t["percent"]) for t in block["themes"]] == [
        ("agua", 6, "60.0"),
        ("bus", 4, "40.0"),
    ]


def test_a_theme_under_k_is_named_without_a_number() -> None:
    texts = [text(f"texto número {n}", ("Ana", "agua|bus" if n < 2 else "agua")) for n in range(9)]
    block = coding_block(texts, THEMES, 3)
    assert block is not None
    assert [t["code"] for t in block["themes"]] == ["agua"]
    assert block["also"] == [{"es": "Buses", "fr": "Bus"}]
    assert "2" not in json.dumps(block["also"])


def test_under_k_coded_texts_nothing_is_told() -> None:
    assert coding_block([text("a", ("Ana", "agua")), text("b", ("Ana", "bus"))], THEMES, 3) is None
    assert coding_block([text("a")], THEMES, 3) is None


def test_repeated_texts_and_bursts_are_flagged_and_still_count() -> None:
    same = [text("Exactamente lo mismo siempre", ("Ana", "bus")) for _ in range(3)]
    apart = [text(f"Distinto, número {n}", ("Ana", "agua"), at=n * MINUTE) for n in range(5)]
    assert flags([*same, *apart]) == {0, 1, 2}
    block = coding_block([*same, *apart], THEMES, 3)
    assert block is not None
    assert block["flagged"] == 3
    bus = next(t for t in block["themes"] if t["code"] == "bus")
    assert (bus["n"], bus["percent"], bus["without_flagged"]) == (3, "37.5", "0.0")
    rush = [text(f"Prisa, número {n}", at=n * MINUTE // (2 * BURST)) for n in range(BURST)]
    assert flags(rush) == set(range(BURST))


def test_kappa_says_nothing_when_chance_alone_would_agree() -> None:
    texts = [text(f"texto número {n}", ("Ana", "agua"), ("Luis", "agua")) for n in range(5)]
    block = coding_block(texts, THEMES, 3)
    assert block is not None
    assert block["agreement"] == {"n": 5, "percent": "100.0", "kappa": None}


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = small_city(tmp_path / "city")
    (folder / "codebook.yaml").write_text(BOOK, encoding="utf-8")
    rows = [
        {"participant": f"p{n}", "question": q, "value": v, "answered_at": "2026-11-10"}
        for n in range(6)
        for q, v in (("A13", f"agua en la calle {n}" if n else "=bus"), ("A15", "4"))
    ]
    assert import_rows(folder, rows) == 0
    return folder


def listed(city: Path, coder: str) -> list[dict[str, str]]:
    out = city / f"{coder}.csv"
    asked = ["code", "list", "--instance", str(city), "--coder", coder, "--out", str(out)]
    assert main(asked) == 0
    return list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))


def test_coders_list_fill_in_confirm_and_the_report_tells(city: Path, capsysbinary: Any) -> None:
    rows = listed(city, "Ana")
    rows.sort(key=lambda r: r["text"])
    assert [r["suggested"] for r in rows] == ["bus", *["agua"] * 5]
    assert rows[0]["text"] == "'=bus"
    assert {r["codes"] for r in rows} == {""}
    file = city / "filled.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows({**r, "codes": r["suggested"]} for r in rows[:5])
    base = ["--instance", str(city), "--coder"]
    assert main(["code", "import", str(file), *base, "Ana"]) == 0
    assert [r["text_id"] for r in listed(city, "Ana")] == [rows[5]["text_id"]]
    assert main(["code", "confirm", rows[5]["text_id"], *base, "Ana"]) == 0
    for row in rows[:4]:
        assert main(["code", "confirm", row["text_id"], "agua", *base, "Luis"]) == 0
    summary = read_json(capsysbinary, "summary", "--instance", str(city), "--week", "2026-W47")
    block = next(o["coding"] for o in summary["open_answers"] if o["question"] == "A13")
    assert [(t["code"], t["n"]) for t in block["themes"]] == [("agua", 5)]
    assert block["also"] == [{"es": "Buses", "fr": "Bus"}]
    assert block["agreement"] == {"n": 4, "percent": "75.0", "kappa": "0.00"}
    capsysbinary.readouterr()
    assert main(["code", "status", "--instance", str(city)]) == 0
    assert b"agreement 75.0 %, kappa 0.00" in capsysbinary.readouterr().out


def test_a_coders_file_is_taken_whole_or_not_at_all(city: Path, capsysbinary: Any) -> None:
    rows = listed(city, "Ana")
    file = city / "wrong.csv"
    lines = [f"{r['text_id']},A13,{'agua' if n else 'agau'}" for n, r in enumerate(rows)]
    file.write_text("text_id,question,codes\n" + "\n".join(lines), encoding="utf-8")
    assert main(["code", "import", str(file), "--instance", str(city), "--coder", "Ana"]) == 1
    assert b"wrong.csv:2" in capsysbinary.readouterr().err
    assert len(listed(city, "Ana")) == 6


def test_a_changed_or_erased_text_loses_its_codes(city: Path) -> None:
    first = next(r for r in listed(city, "Ana") if r["text"] == "'=bus")
    base = ["--instance", str(city), "--coder", "Ana"]
    assert main(["code", "confirm", first["text_id"], *base]) == 0
    assert len(listed(city, "Ana")) == 5
    again = {"participant": "p0", "question": "A13", "value": "ahora otra cosa"}
    assert import_rows(city, [{**again, "answered_at": "2026-11-11"}]) == 0
    assert len(listed(city, "Ana")) == 6
    assert main(["code", "confirm", first["text_id"], *base]) == 2


def test_themes_are_values_of_the_codebook() -> None:
    assert THEMES[0] == CodeTheme(
        code="agua", label={"es": "Agua", "fr": "Eau"}, words=("agu*", "tubo roto"),
        unless=("piscina",),
    )  # fmt: skip
