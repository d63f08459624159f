"""The worked cases, exactly, through the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.support.cities import case, import_rows, read_json, small_city

DAY = "2026-11-10T10:00"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return small_city(tmp_path / "city")


def c01_rows(wave: int) -> list[dict[str, str]]:
    rows = []
    for person in case("C01")["input"]:
        for question in ("A15", "A10"):
            value = person[f"{question}_W{wave}"]
            if value is not None:
                text = "|".join(value) if isinstance(value, list) else str(value)
                rows.append(
                    {
                        "participant": person["id"],
                        "question": question,
                        "value": text,
                        "actor_type": person["tipo"],
                        "answered_at": DAY,
                    }
                )
    return rows


@pytest.fixture
def c01(city: Path) -> Path:
    for wave in (1, 2):
        assert import_rows(city, c01_rows(wave), wave=wave) == 0
    return city


def entry(summary: dict[str, Any], question: str, wave: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = next(
        q for q in summary["questions"] if q["id"] == question and q["wave"] == wave
    )
    return found


def test_case_01_counts_and_coverage(c01: Path, capsysbinary: Any) -> None:
    summary = read_json(capsysbinary, "summary", "--instance", str(c01))
    expected = case("C01")["expected"]
    who = summary["participation"]
    assert who["valid"] == expected["n"]
    assert [w["valid"] for w in who["waves"]] == [expected["n_w1"], expected["n_w2"]]
    assert who["in_all_waves"] == expected["n_both"]
    assert (who["sectors"], who["actor_types"]) == (3, 7)
    words = {"covered": "cubierto", "partial": "parcial", "insufficient": "insuficiente"}
    words["silent"] = "sin voz"
    assert {r["code"]: [r["n"], words[r["state"]]] for r in who["by_sector"]} == (
        expected["coverage"]
    )
    assert {r["code"]: r["n"] for r in who["priority_groups"]} == expected["groups"]


def test_case_01_shares_ranking_and_change(c01: Path, capsysbinary: Any) -> None:
    summary = read_json(capsysbinary, "summary", "--instance", str(c01))
    expected = case("C01")["expected"]
    for wave in (1, 2):
        a15 = entry(summary, "A15", wave)
        wanted = expected[f"A15_W{wave}"]
        assert a15["base"] == wanted["base"]
        assert {c["code"]: [c["n"], c["percent"]] for c in a15["choices"]} == {
            code: wanted[code] for code in ("1", "2", "3", "4", "5", "NS")
        }
        sides = {m["code"]: [m["n"], m["percent"]] for m in a15["measures"]}
        assert sides == {"favour": wanted["favor"], "against": wanted["contra"]}
        ranking = next(r for r in summary["rankings"] if r["id"] == "A10" and r["wave"] == wave)
        assert {
            t["code"]: [t["points"], t["mentions"], t["first"]] for t in ranking["themes"]
        } == expected[f"A10_W{wave}"]
    first = next(r for r in summary["rankings"] if r["id"] == "A10")
    assert {t["code"]: t["rank"] for t in first["themes"]} == expected["A10_W1_positions"]
    assert first["none"] == 1
    assert summary["changes"][0]["points"] == expected["delta_favor_pp"]
    assert {"NOT_REPRESENTATIVE", "SMALL_BASE"} <= set(summary["notices"])


@pytest.mark.parametrize(("wave", "grouped"), [(1, 3), (2, 4)])
def test_case_01_hides_two_rows_with_one_mark(
    c01: Path, capsysbinary: Any, wave: int, grouped: int
) -> None:
    summary = read_json(capsysbinary, "summary", "--instance", str(c01), "--view", "public")
    rows = [r for r in entry(summary, "A15", wave)["rows"] if r["by"] == "sector"]
    hidden = [r for r in rows if r["hidden"]]
    assert [r["code"] for r in hidden] == ["S2", "S4"]
    assert all(r["base"] is None and r["choices"] == [] for r in hidden)
    assert rows[-1]["merged"] == ["S2", "S4"]
    assert rows[-1]["base"] == grouped


def test_case_01_public_coverage_gives_no_number_to_solve(c01: Path, capsysbinary: Any) -> None:
    summary = read_json(capsysbinary, "summary", "--instance", str(c01), "--view", "public")
    rows = {r["code"]: r for r in summary["participation"]["by_sector"]}
    assert (rows["S1"]["n"], rows["S1"]["state"]) == (6, "covered")
    assert {(rows[c]["n"], rows[c]["state"]) for c in ("S2", "S4")} == {(None, "low")}
    assert rows["_grouped"]["n"] == 6
    assert all(g["n"] is None for g in summary["participation"]["priority_groups"])


def test_case_02_a_single_dissent_stays_in_the_grouped_row(city: Path, capsysbinary: Any) -> None:
    code = {"contra": "2", "neutral": "3", "favor": "4"}
    rows = [
        {
            "participant": f"{sector}-{side}-{n}",
            "question": "A15",
            "value": code[side],
            "actor_type": sector,
            "answered_at": DAY,
        }
        for sector, sides in case("C02")["input"]["A15"].items()
        for side, count in sides.items()
        for n in range(count)
    ]
    assert import_rows(city, rows) == 0
    table = read_json(
        capsysbinary, "table", "A15", "--by", "sector", "--instance", str(city), "--view", "public"
    )
    shown = {r["code"]: r for r in table["tables"][0]["rows"]}
    assert {code for code, row in shown.items() if row["hidden"]} == {"S2", "S4"}
    cells = {c["code"]: (c["n"], c["percent"]) for c in shown["_grouped"]["choices"]}
    assert (shown["_grouped"]["base"], cells["2"], cells["4"]) == (8, (1, "12.5"), (7, "87.5"))
    total = {c["code"]: (c["n"], c["percent"]) for c in table["tables"][0]["choices"]}
    assert (total["2"], total["3"], total["4"]) == ((5, "25.0"), (3, "15.0"), (12, "60.0"))


@pytest.mark.parametrize("part", ["B05_a", "B05_b"])
def test_case_02_sensitive_cells_hide_by_two(city: Path, capsysbinary: Any, part: str) -> None:
    rows = [
        {"participant": f"{code}{n}", "question": "B05", "value": code, "answered_at": DAY}
        for code, count in case("C02")["input"][part].items()
        for n in range(count)
    ]
    valid = [{**row, "question": "B11", "value": "TRM"} for row in rows]
    assert import_rows(city, rows + valid, consultation="B") == 0
    summary = read_json(capsysbinary, "summary", "--instance", str(city), "--consultation", "B")
    expected = case("C02")["expected"][part]
    cells = entry(summary, "B05")["choices"]
    assert {c["code"]: c["n"] for c in cells if not c["hidden"] and c["n"]} == expected["visible"]
    assert sorted(c["code"] for c in cells if c["hidden"]) == sorted(expected["hidden"])
    visible = sum(c["n"] for c in cells if not c["hidden"])
    assert entry(summary, "B05")["base"] - visible == expected["hidden_n"]
    assert entry(summary, "B05")["rows"] == []


def test_case_02_a_sensitive_question_has_no_table(city: Path, capsys: Any) -> None:
    import_rows(city, [{"participant": "p", "question": "B11", "value": "TRM"}], consultation="B")
    capsys.readouterr()
    arguments = ["table", "B05", "--by", "country", "--consultation", "B", "--instance", str(city)]
    assert main(arguments) == 1
    assert capsys.readouterr().err.strip() == "Esta pregunta sólo se publica en total."


def test_case_03_none_and_dont_know_are_in_the_base(city: Path, capsysbinary: Any) -> None:
    rows = [
        {
            "participant": f"p{n}",
            "question": "A10",
            "value": "|".join(value),
            "other_text": "seguridad" if "OTR" in value else "",
            "answered_at": DAY,
        }
        for n, value in enumerate(case("C03")["input"])
    ]
    assert import_rows(city, rows) == 0
    summary = read_json(capsysbinary, "summary", "--instance", str(city))
    expected = case("C03")["expected"]
    ranking = summary["rankings"][0]
    assert ranking["base"] == expected["base"]
    assert {t["code"]: [t["points"], t["mentions"], t["first"]] for t in ranking["themes"]} == (
        expected["points_mentions_first"]
    )
    assert {t["code"]: t["rank"] for t in ranking["themes"]} == expected["positions"]
    assert (ranking["none"], ranking["dont_know"]) == (1, 1)
    shares = {c["code"]: c["percent"] for c in entry(summary, "A10")["choices"] if c["n"]}
    assert shares == expected["mention_pct"]


def c04_rows() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for person in case("C04")["input"]:
        name = person["id"]

        def row(question: str, value: str = "", name: str = name) -> None:
            rows.append(
                {
                    "participant": name,
                    "question": question,
                    "value": value,
                    "answered_at": f"2026-11-10T10:{len(rows) % 60:02d}",
                }
            )

        row("_start")
        row("_consent", "declined" if person.get("consent") == "NO" else "accepted")
        if "age" in person:
            row("_age", "no" if person["age"] == "NO" else "yes")
        for question in ("A10", "A15", "A16"):
            if question in person:
                row(question, c04_value(person[question]))
        if person.get("end") == "completa":
            row("_end")
        if person.get("then") == "BORRAR":
            row("_withdraw")
    return rows


def c04_value(value: object) -> str:
    if isinstance(value, list):
        return "|".join(value)
    return "_skip" if value in ("SALTAR", "_saltada") else str(value)


def test_taking_in_the_same_file_twice_changes_nothing(city: Path, capsysbinary: Any) -> None:
    assert import_rows(city, c04_rows()) == 0
    first = read_json(capsysbinary, "summary", "--instance", str(city))
    assert import_rows(city, c04_rows()) == 0
    again = read_json(capsysbinary, "summary", "--instance", str(city))
    assert again["states"] == first["states"]
    assert again["fingerprint"] == first["fingerprint"]


def test_case_04_states_and_bases_add_up(city: Path, capsysbinary: Any) -> None:
    assert import_rows(city, c04_rows()) == 0
    summary = read_json(capsysbinary, "summary", "--instance", str(city))
    assert summary["states"] == {
        "started": 10,
        "declined": 1,
        "under_age": 1,
        "empty": 1,
        "partial": 1,
        "complete": 5,
        "withdrawn": 1,
        "valid": 6,
        "completion_percent": "71.4",
    }
    a15, a16 = entry(summary, "A15"), entry(summary, "A16")
    unanswered = ("skipped", "not_shown", "not_reached")
    assert (a15["base"], *(a15[name] for name in unanswered)) == (4, 1, 0, 1)
    assert (a16["base"], *(a16[name] for name in unanswered)) == (2, 1, 2, 1)
    counts = {c["code"]: c["n"] for c in a15["choices"] if c["n"]}
    assert counts == {"2": 1, "4": 1, "5": 1, "NS": 1}


def test_case_04_nothing_of_the_declined_young_or_withdrawn_is_kept(city: Path) -> None:
    import sqlite3

    assert import_rows(city, c04_rows()) == 0
    with sqlite3.connect(city / "tertulia.db") as database:
        assert database.execute("SELECT count(DISTINCT participant) FROM answer").fetchone() == (
            6,
        )


def c08_rows() -> list[dict[str, str]]:
    return [
        {
            "participant": f"p{n}",
            "question": "A10",
            "value": code,
            "language": language,
            "answered_at": DAY,
        }
        for n, (language, code) in enumerate(case("C08")["input"])
    ]


def test_case_08_languages_are_one_result(city: Path, capsysbinary: Any) -> None:
    assert import_rows(city, c08_rows()) == 0
    arguments = ["table", "A10", "--by", "language", "--instance", str(city), "--view", "public"]
    table = read_json(capsysbinary, *arguments)["tables"][0]
    counts = {c["code"]: [c["n"], c["percent"]] for c in table["choices"] if c["n"]}
    assert (table["base"], counts) == (8, case("C08")["expected"]["counts"])
    shown = {r["code"]: r["base"] for r in table["rows"] if not r["hidden"]}
    assert shown == {"es": 4, "_grouped": 4}


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("es-CO", "37,5%"),
        ("es-MX", "37.5%"),
        ("fr-FR", "37,5\u00a0%"),
        ("pt-BR", "37,5%"),
        ("en", "37.5%"),
        ("es-ES", "37,5\u00a0%"),
    ],
)
def test_case_08_is_written_in_each_locale(
    city: Path, capsysbinary: Any, locale: str, written: str
) -> None:
    assert import_rows(city, c08_rows()) == 0
    capsysbinary.readouterr()
    assert main(["summary", "--instance", str(city), "--format", "html", "--locale", locale]) == 0
    assert written in capsysbinary.readouterr().out.decode().replace("\u202f", "\u00a0")


def test_case_08_two_versions_are_not_summed(city: Path, capsysbinary: Any) -> None:
    rows = c08_rows()
    rows[7]["version"] = "2"
    assert import_rows(city, rows) == 0
    inside = read_json(capsysbinary, "summary", "--instance", str(city))
    bases = [(q["version"], q["base"]) for q in inside["questions"] if q["id"] == "A10"]
    assert bases == [(1, 7), (2, 1)]
    assert "TWO_VERSIONS" in inside["notices"]
    public = read_json(capsysbinary, "summary", "--instance", str(city), "--view", "public")
    assert [q["base"] for q in public["questions"] if q["id"] == "A10"] == [None, None]


def test_a_file_with_mistakes_is_refused_whole_with_all_of_them(city: Path, capsys: Any) -> None:
    rows = [
        {"participant": "a", "question": "A15", "value": "9"},
        {"participant": "b", "question": "A10", "value": "GTF1|GTF1"},
        {"participant": "c", "question": "NOPE", "value": "x"},
        {"participant": "d", "question": "A15", "value": "4", "answered_at": "ayer"},
        {"participant": "e", "question": "A15", "value": "4"},
    ]
    capsys.readouterr()
    assert import_rows(city, rows) == 1
    said = capsys.readouterr().err
    assert said.count("answers.csv row") == 4
    assert all(f"row {n}, column" in said for n in (2, 3, 4, 5))
    assert not (city / "tertulia.db").exists() or "row 6" not in said
