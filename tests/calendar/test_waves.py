"""Waves on the clock: opened and closed once, told on the person's clock, and never mixed."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.cli import main
from bot.commands.wave import work
from bot.errors import UsageError
from flows.errors import DefinitionError
from flows.inbound import Arrived, Changed, Edited, Pressed
from flows.loading import parse_consultation
from flows.waves import last_minute
from storage import tables as t
from storage.officials import list_audit
from storage.waves import list_decided
from tests.calendar.town import WAVES, Town, at, make_city
from tests.support.cities import bound

CLOSED = "Esta consulta cerró el 10 de febrero de 2027."


def answers(town: Town, wave: int) -> dict[str, str]:
    with town.app.database.reading() as connection:
        rows = connection.execute(
            select(t.answer.c.question, t.answer.c.value).where(t.answer.c.wave == wave)
        )
        return {row.question: row.value for row in rows}


def audit(town: Town) -> list[tuple[str, str]]:
    with town.app.database.reading() as connection:
        return [(actor, body) for _, actor, body in list_audit(connection)]


async def test_the_last_minute_counts_and_the_next_is_told_that_it_closed(town: Town) -> None:
    await town.answer("ana", until="A15")
    town.clock.at = at("2027-02-11 00:00") - 1
    assert (await town.say("ana", "4")).messages[0].code == "A16"
    town.clock.at += 1
    late = (await town.say("ana", "porque sí")).messages[0]
    assert late.text.startswith(CLOSED)
    assert "A16" not in answers(town, 1)


async def test_after_the_end_nothing_is_asked_and_nothing_changes(town: Town) -> None:
    await town.answer("ana", until="A15")
    before = answers(town, 1)
    town.clock.at = at("2027-02-12 10:00")
    for body in (Pressed(payload="A15:4"), "ATRÁS", Edited(text="2"), Arrived()):
        assert (await town.say("ana", body)).messages[0].text.startswith(CLOSED)
    await town.say("ana", Changed(question="A10", values=("SEG",)))
    results = (await town.say("ana", "RESULTADOS")).messages[0]
    assert results.replies == ()  # the question that was pending does not come again
    assert answers(town, 1) == before


async def test_before_the_first_wave_the_day_is_told(tmp_path: Path) -> None:
    town = await Town(make_city(tmp_path / "city"), "2027-01-20 10:00").start()
    told = (await town.say("ana", Arrived())).messages[0]
    assert told.text == "Aún no ha abierto. Abre el 1 de febrero de 2027. Ese día escriba HOLA."
    await town.app.stop()


async def test_the_next_wave_is_a_new_response_of_the_same_person(town: Town) -> None:
    await town.answer("ana", A15="2")
    town.clock.at = at("2027-03-09 10:00")
    asked = (await town.say("ana", Pressed(payload="A15:5"))).messages[0]
    assert asked.code == "A00"
    assert asked.text.startswith("Esa ronda de preguntas ya cerró.")
    assert "Resultados: 1 de abril de 2027" in asked.text  # the second wave's own day
    assert answers(town, 2) == {}
    await town.answer("ana", A15="4")
    assert (answers(town, 1)["A15"], answers(town, 2)["A15"]) == ("2", "4")
    with town.app.database.reading() as connection:
        rows = connection.execute(select(t.response.c.participant, t.response.c.wave)).all()
    assert len({row.participant for row in rows}) == 1
    assert sorted(row.wave for row in rows) == [1, 2]


@pytest.mark.parametrize(
    ("country", "language", "told"),
    [
        ("", "es", "10 de febrero de 2027"),
        ("CO", "fr", "10 février 2027"),
        ("FR", "es", "11 de febrero de 2027 a las 05:59 (hora de Francia)"),
        ("FR", "fr", "11 février 2027 à 05:59 (heure locale : France)"),
        ("JP", "pt", "11 de fevereiro de 2027 às 13:59 (horário local: Japão)"),
        ("PA", "en", "10 February 2027"),  # the same clock as the city's
        ("US", "en", "10 February 2027 at 23:59 (Villa Ribera time)"),  # zones that disagree
    ],
)
def test_the_closing_is_told_on_the_person_s_clock(country: str, language: str, told: str) -> None:
    assert last_minute(bound(), at("2027-02-11 00:00"), country, language) == told


def test_the_clock_change_between_now_and_the_closing_is_in_it() -> None:
    closes = at("2026-04-01 00:00", ZoneInfo("America/Bogota"))
    assert last_minute(bound(), closes, "FR", "es").startswith("1 de abril de 2026 a las 06:59")


async def test_where_somebody_is_goes_by_answer_then_contact_then_profile(town: Town) -> None:
    paused = {
        "profile": (await town.say("eva", Arrived(), "fr-FR"), "PAUSE")[1],
        "answer": "PAUSA",
    }
    told = (await town.say("eva", paused["profile"], "fr-FR")).messages[0]
    assert "11 février 2027 à 05:59 (heure locale : France)" in told.text
    await town.answer("leo", language="es-FR", A01="EXT", A05="JP", until="A22")
    told = (await town.say("leo", paused["answer"])).messages[0]
    assert "11 de febrero de 2027 a las 13:59 (hora de Japón)" in told.text


async def test_the_clock_turns_waves_once_and_writes_it_down(town: Town) -> None:
    for day in ("02-03", "02-10", "02-11", "03-07", "03-08", "03-18", "03-19", "03-20"):
        await town.at(f"2027-{day} 00:00")
    turned = [body for actor, body in audit(town) if actor == "schedule" and '"A"' in body]
    assert [body.split('"did":"')[1].split('"')[0] for body in turned] == [
        "opened wave",
        "closed wave",
        "opened wave",
        "closed wave",
    ]


async def test_what_has_closed_stays_closed_whatever_the_definition_says(town: Town) -> None:
    await town.at("2027-02-11 01:00")
    folder = town.app.folder.path
    await town.app.stop()
    file = folder / "consultations" / "A.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("2027-02-10", "2027-02-28"))
    again = await Town(folder, "2027-02-12 10:00").start()
    assert (await again.say("ana", Arrived())).messages[0].text.startswith(CLOSED)
    await again.app.stop()


async def test_a_wave_is_closed_and_opened_by_hand_with_a_name_and_a_reason(town: Town) -> None:
    await town.answer("ana", until="A15")
    given = {"number": 1, "closes": None, "consultation": None, "name": "Ana", "reason": "veda"}
    said = await work(town.app, {**given, "what": "close"})
    assert said == "A: wave 1 is closed. Its last minute was 2027-02-03 09:59."
    assert "cerró el 3 de febrero" in (await town.say("ana", "4")).messages[0].text
    await work(town.app, {**given, "what": "open", "closes": "2027-02-15", "reason": "terminó"})
    assert (await town.say("ana", "4")).messages[0].code == "A16"
    with pytest.raises(UsageError, match="say its new last day"):
        await work(town.app, {**given, "what": "open"})
    kept = [body for actor, body in audit(town) if actor == "Ana"]
    assert ["veda" in kept[0], "terminó" in kept[1]] == [True, True]
    with town.app.database.reading() as connection:
        assert list_decided(connection)["A"][1].closes_at == at("2027-02-16 00:00")


def test_the_commands_say_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city = ["--instance", str(make_city(tmp_path / "city"))]
    who = ["--name", "Ana", "--reason", "porque sí"]
    assert main(["wave", "close", *who, *city]) == 2
    assert main(["wave", "close", "1", "--name", "Ana", *city]) == 2
    assert main(["wave", "close", "7", *who, *city]) == 2
    assert main(["wave", "open", "1", "--closes", "mañana", *who, *city]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "Say which wave: tertulia wave close 1.",
        "Say why with --reason, at most 500 characters.",
        "A has no wave 7; it has 1, 2. Write the wave in its definition, with opens and closes.",
        "«mañana» is no day; write it like 2027-03-21.",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"opens": "2027-02-10"}, "wave"),  # on the day that the first one closes
        ({"number": 1}, "wave"),
        ({"results_on": "2027-03-18"}, "gate_1"),
    ],
)
def test_waves_that_cannot_be_are_refused(
    tmp_path: Path, change: dict[str, object], code: str
) -> None:
    city = make_city(tmp_path / "city", [WAVES[0], {**WAVES[1], **change}])
    text = (city / "consultations" / "A.yaml").read_text(encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        parse_consultation(text, "A.yaml")
    assert code in {issue.code for issue in raised.value.issues}
