"""Silence before elections, and the commands: while serving, interrupted, and by themselves."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from bot.channels.webchat import WebChat
from bot.cli import main
from bot.commands import invite, silence, wave
from bot.handover import listen, take_lock
from bot.web.site import make_web
from flows.errors import DefinitionError
from flows.instance import parse_city
from storage.officials import list_audit
from storage.publications import find_publication
from tests.calendar.town import Town, at, make_city

WORKS = {"wave": wave.work, "invite": invite.work, "silence": silence.work}
WHO = {"name": "Ana Pérez", "reason": "concepto del consejo electoral"}


async def command(town: Town, *arguments: str) -> int:
    """A command in another thread, while this application holds the folder as `serve` does."""
    folder = town.app.folder.path
    lock = take_lock(folder)
    assert lock is not None
    server = await listen(town.app, WORKS)
    try:
        return await asyncio.to_thread(main, [*arguments, "--instance", str(folder)])
    finally:
        server.close()
        lock.close()


async def test_in_a_silence_nothing_goes_and_nothing_is_published_until_somebody_lifts_it(
    tmp_path: Path,
) -> None:
    period = {"from": "2027-02-05", "to": "2027-03-01", "reason": "elections"}
    folder = make_city(tmp_path / "city", quiet_days=[], silence_periods=[period])
    town = await Town(folder, "2027-02-03 10:00").start()
    await town.answer("slow", until="A15")
    await town.answer("asked", "RES")
    for day in ("02-06", "02-10", "02-25"):
        await town.at(f"2027-{day} 12:00")
        await town.publish()
    assert town.phones.unasked("slow") == town.phones.unasked("asked") == []
    assert (await town.say("slow", "PERSONA")).outcome == "applied"  # who writes is answered
    with town.app.database.reading() as connection:
        assert find_publication(connection, "A", 1) is None
    given = {"what": "lift", "first_day": "2027-02-05", **WHO}
    assert await silence.work(town.app, given) == (
        "The silence from 2027-02-05: lifted; campaigns and publications go."
    )
    await town.publish()
    await town.tick()
    assert town.phones.unasked("asked") == ["RESULTADOS_LISTOS"]
    with town.app.database.reading() as connection:
        kept = [(actor, json.loads(body)) for _, actor, body in list_audit(connection)]
    lifted = {"did": "lifted silence", "period": "2027-02-05", "reason": WHO["reason"]}
    assert (WHO["name"], lifted) in kept
    await silence.work(town.app, {**given, "what": "restore"})
    assert town.app.is_silent()
    await town.app.stop()


async def test_in_a_silence_the_public_page_stays_as_it_was_when_it_began(
    tmp_path: Path,
) -> None:
    period = {"from": "2027-02-05", "to": "2027-02-08", "reason": "elections"}
    folder = make_city(tmp_path / "city", silence_periods=[period])
    town = await Town(folder, "2027-02-03 10:00").start()
    web = make_web(town.app, WebChat(), None, [])
    found = []
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(web), base_url="http://city.example"
    ) as page:
        for who, when in (("a", "02-04"), ("b", "02-05"), ("c", "02-08"), ("d", "02-09")):
            town.clock.at = at(f"2027-{when} 10:00")
            await town.answer(who)
            made = (await page.get("/resumen.json")).json()
            found.append(made["participation"]["valid"])
    assert found == [1, 1, 1, 4]
    await town.app.stop()


async def test_what_was_in_the_outbox_before_a_silence_waits_until_it_is_over(
    tmp_path: Path,
) -> None:
    folder = make_city(tmp_path / "city", quiet_days=[])
    town = await Town(folder, "2027-02-03 10:00").start()
    await town.answer("ana", "OLA")
    await town.send()
    town.clock.at += 86_400_000_000 * 33
    await invite.work(town.app, {"consultation": None, "wave": 2, "name": "Ana", "after": None})
    await town.app.stop()
    text = (folder / "city.yaml").read_text(encoding="utf-8")
    period = "silence_periods:\n- {from: 2027-03-05, to: 2027-03-11, reason: elections}"
    (folder / "city.yaml").write_text(text.replace("silence_periods: []", period))
    again = await Town(folder, "2027-03-08 09:30").start()
    await again.tick()
    assert again.phones.unasked("ana") == []
    await again.at("2027-03-12 09:00")
    assert again.phones.unasked("ana") == ["INVITACION"]
    await again.app.stop()


async def test_closing_by_command_reaches_the_running_server_at_once(town: Town) -> None:
    await town.answer("ana", until="A15")
    who = ["--name", WHO["name"], "--reason", WHO["reason"]]
    assert await command(town, "wave", "close", "1", *who) == 0
    assert "cerró" in (await town.say("ana", "4")).messages[0].text
    assert await command(town, "wave", "close", "1", *who) == 1  # it is closed already


async def test_an_invitation_that_was_interrupted_goes_on_and_repeats_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(invite, "AT_ONCE", 2)
    for number in range(5):
        await town.answer(f"p{number}", "OLA")
    await town.at("2027-03-09 10:00")
    given = {"consultation": None, "wave": 2, "name": "Ana", "after": None}
    assert json.loads(await invite.work(town.app, given))["put"] == 2
    await town.tick()  # …and then whoever started it pressed Ctrl-C
    assert await command(town, "invite", "--wave", "2", "--name", "Ana") == 0
    said = capsys.readouterr().out
    assert said.split("\r")[-1].splitlines() == [
        "5 of 5 people, 3 invited",
        "loopback: 5 messages, free",
    ]
    await town.tick()
    assert [town.phones.unasked(f"p{n}") for n in range(5)] == [["INVITACION"]] * 5
    with town.app.database.reading() as connection:
        acts = [json.loads(body) for _, actor, body in list_audit(connection) if actor == "Ana"]
    assert acts == [
        {
            "did": "invited",
            "consultation": "A",
            "wave": 2,
            "costs": "loopback: 5 messages, free",
        }
    ]


async def test_the_commands_show_and_refuse_without_a_server(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await town.answer("ana", "OLA")
    city = ["--instance", str(town.app.folder.path)]
    run = lambda *arguments: asyncio.to_thread(main, [*arguments, *city])  # noqa: E731
    assert await run("invite", "--wave", "2", "--dry-run") == 0
    assert await run("wave", "status") == 0
    assert await run("silence", "status") == 0
    assert await run("invite", "--wave", "2") == 2
    assert await run("invite", "--wave", "9", "--dry-run") == 2
    assert await run("silence", "lift", "2027-01-01", "--name", "Ana", "--reason", "x") == 2
    shown = capsys.readouterr()
    assert "1 people agreed to be asked again; 1 would be invited." in shown.out
    assert "A wave 1: " in shown.out
    assert shown.err.splitlines() == [
        "Say who decides this with --name; see first with --dry-run.",
        "A has no wave 9; it has 1, 2. Write the wave in its definition, with opens and closes.",
        "No silence begins on «2027-01-01»; city.yaml has none.",
    ]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("quiet_days: [lunes]", "quiet_days"),
        (
            "quiet_days: [monday, tuesday, wednesday, thursday, friday, saturday]",
            "quiet_days",
        ),
        ("reminders: [3, 7, 9]", "reminders"),
        ("reminders: [0]", "reminders"),
        ("costs: {currency: USD, whatsapp: {utility: barato}}", "costs"),
        ("costs: {whatsapp: {utility: 1}}", "costs"),
        ("silence_periods: [{from: 2027-05-30, to: 2027-05-01, reason: x}]", "silence"),
    ],
)
def test_a_mistake_in_city_yaml_is_told(lines: str, code: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        parse_city(f"name: X\ntime_zone: America/Bogota\n{lines}\n", "city.yaml")
    assert {issue.code for issue in raised.value.issues} == {code}
    assert all(issue.where == "city.yaml:3" for issue in raised.value.issues)


def test_a_city_that_says_nothing_has_two_reminders_and_no_price() -> None:
    city = parse_city("name: X\ntime_zone: America/Bogota\n", "city.yaml")
    assert (city.reminder_days, city.prices.of("whatsapp", "marketing", "CO")) == ((3, 7), None)
