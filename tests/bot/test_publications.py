"""Publications as versioned cuts: same bytes, corrections that say what changed, withdrawals.

k is 3. Everything here was counted by hand: eight in S1 (five for, three against), four in S2
(all for), three in S4 (two for, one against).
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.instance import load_folder
from bot.published import unpack
from bot.publishing import make_draft, packed
from bot.summaries import Asked
from storage.database import Database
from storage.publications import KeptPublication, list_publications
from tests.support.cities import import_rows, read_json, small_city

pytestmark = pytest.mark.slow

SIDES = {"S1": (5, 3), "S2": (4, 0), "S4": (2, 1)}
MARGINS = """stratum,variable,category,people,source,date
resident,language,es,600,Censo inventado,2025-06-30
resident,language,fr,400,Censo inventado,2025-06-30
"""


def person(name: str, question: str, value: str, **more: str) -> dict[str, str]:
    return {"participant": name, "question": question, "value": value,
            "answered_at": "2026-11-10", **more}  # fmt: skip


def rows() -> list[dict[str, str]]:
    found = []
    for sector, (favour, against) in SIDES.items():
        for n in range(favour + against):
            name, side = f"{sector}-{n}", "4" if n < favour else "2"
            found.append(person(name, "A15", side, actor_type=sector))
            found.append(person(name, "A16", f"Razón propia de {name} aquí", actor_type=sector))
    return found


@pytest.fixture
def city(tmp_path: Path) -> Path:
    city = small_city(tmp_path / "city")
    assert import_rows(city, rows()) == 0
    return city


def permit_quotes(city: Path) -> None:
    """What A22 asks for in the chat; a file of answers from paper has no such question."""
    with sqlite3.connect(city / "tertulia.db") as database:
        database.execute(
            "INSERT INTO permission (bucket, participant, consultation, purpose, granted_at) "
            "SELECT bucket, participant, 'A', 'quote', 1 FROM response"
        )


def kept(city: Path) -> list[KeptPublication]:
    database = Database.open_readonly(str(city / "tertulia.db"))
    with database.reading() as connection:
        found = [k for k in list_publications(connection, "A") if k.wave is None]
    database.close_sync()
    return found


def by_sector(summary: dict[str, Any]) -> dict[str, int | None]:
    a15 = next(q for q in summary["questions"] if q["id"] == "A15")
    return {r["code"]: r["base"] for r in a15["rows"] if r["by"] == "sector"}


def public(city: Path, capsysbinary: Any, *more: str) -> dict[str, Any]:
    return read_json(capsysbinary, "summary", "--instance", str(city), "--view", "public", *more)


def test_the_same_cut_gives_the_same_bytes(city: Path) -> None:
    [first] = kept(city)
    folder = load_folder(city)
    database = Database.open_readonly(folder.database)
    as_of = unpack(first).as_of
    asked = Asked(consultation="A", view="public", as_of=as_of)
    with database.reading() as connection:
        made = make_draft(connection, folder, asked, as_of + 10**12, None)
    database.close_sync()
    assert made is not None
    again = packed(made, None, folder, as_of)
    assert again == first.body


def test_a_correction_is_a_new_number_that_says_what_changed(
    city: Path, capsysbinary: Any
) -> None:
    more = [
        person(f"{language}{n}", "A15", "4" if n < 20 else "2", actor_type="S1.1",
               language=language)
        for language in ("es", "fr") for n in range(40)
    ]  # fmt: skip
    assert import_rows(city, more) == 0
    number = kept(city)[-1].number
    (city / "margins.csv").write_text(MARGINS, encoding="utf-8")
    capsysbinary.readouterr()
    assert main(["publications", "--instance", str(city), "--correct", "faltaban márgenes"]) == 0
    said = capsysbinary.readouterr().out.decode()
    assert "weighting" in said
    assert "participation" not in said
    last = public(city, capsysbinary)["publication"]
    assert (last["number"], last["corrects"], last["note"]) == (
        number + 1, number, "faltaban márgenes")  # fmt: skip
    old = public(city, capsysbinary, "--publication", str(number))
    assert old["weighting"] == []
    assert "WAS_CORRECTED" in old["notices"]


def test_nothing_to_correct_is_refused(city: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert main(["publications", "--instance", str(city), "--correct", "por si acaso"]) == 1
    assert "salen iguales" in capsys.readouterr().err
    assert len(kept(city)) == 1


def test_a_withdrawal_marks_what_was_published_and_takes_the_words_out(
    city: Path, capsysbinary: Any
) -> None:
    permit_quotes(city)
    more = [person(f"new-{s}-{n}", "A15", "4", actor_type=s) for s in SIDES for n in range(3)]
    assert import_rows(city, more) == 0
    before = public(city, capsysbinary)
    assert by_sector(before) == {"S1": 11, "S2": 7, "S4": 6}
    gone = next(q["text"] for q in before["quotes"])
    name = gone.removeprefix("Razón propia de ").removesuffix(" aquí")
    assert import_rows(city, [{"participant": name, "question": "_withdraw"}]) == 0
    after = public(city, capsysbinary)
    # One person less in a row is a difference of one: the tables stay, marked, without the words.
    assert by_sector(after) == by_sector(before)
    assert "WITHDRAWN_SINCE" in after["notices"]
    assert gone not in str(after)
    assert gone.encode() not in kept(city)[-1].body
    capsysbinary.readouterr()
    assert main(["publications", "--instance", str(city), "--correct", "ya no está"]) == 1
    assert "alguien retiró" in capsysbinary.readouterr().err.decode()


def test_the_next_publication_protects_again_after_a_withdrawal(
    city: Path, capsysbinary: Any
) -> None:
    withdrawn = [{"participant": "S4-2", "question": "_withdraw"}]
    more = [person(f"new-{s}-{n}", "A15", "4", actor_type=s)
            for s, many in (("S1", 3), ("S2", 3)) for n in range(many)]  # fmt: skip
    assert import_rows(city, withdrawn + more) == 0
    # S4 has 2 left: it is hidden, with the smallest that is left (S2, 7); but S4 had been told
    # as 3, and one less is not k more: the tables wait.
    assert by_sector(public(city, capsysbinary)) == {"S1": 8, "S2": 4, "S4": 3}
    again = [person(f"later-S4-{n}", "A15", "2", actor_type="S4") for n in range(4)]
    assert import_rows(city, again) == 0
    # S4: 3 - 1 + 4 = 6, three more than was told.
    assert by_sector(public(city, capsysbinary)) == {"S1": 11, "S2": 7, "S4": 6}
    assert [k.mark for k in kept(city)] == ["withdrawn", ""]


def test_what_an_older_program_published_can_still_be_read(city: Path, capsysbinary: Any) -> None:
    with sqlite3.connect(city / "tertulia.db") as database:
        [(body,)] = database.execute("SELECT body FROM publication WHERE wave = 0")
        old = json.loads(body)
        for key in ("week_changes", "weighting", "alerts", "suppression", "publication"):
            del old["summary"][key]
        for theme in (t for r in old["summary"]["rankings"] for t in r["themes"]):
            del theme["tier"]
        kept = json.dumps({name: old[name] for name in ("at", "bases", "summary")}).encode()
        database.execute("UPDATE publication SET body = ? WHERE wave = 0", (kept,))
    for kind in ("html", "text", "json"):
        capsysbinary.readouterr()
        arguments = ["summary", "--instance", str(city), "--view", "public", "--format", kind]
        assert main(arguments) == 0
    assert import_rows(city, [person(f"n{s}{n}", "A15", "4", actor_type=s)
                              for s in SIDES for n in range(3)]) == 0  # fmt: skip
    assert by_sector(public(city, capsysbinary)) == {"S1": 11, "S2": 7, "S4": 6}
