"""Who is written to unasked, when, how often, and who never is."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.campaigns import Calendar, plan_invitations, put_invitations
from bot.commands.invite import describe
from bot.commands.wave import status
from bot.costs import costs_of, say_cost
from bot.schedule import Schedule
from flows.campaigns import Campaign, Purpose
from flows.inbound import Pressed
from flows.inspection import inflesz
from flows.limits import BUBBLE_WORDS, INFLESZ
from flows.readings import GivenReply
from flows.weeks import moment
from storage import tables as t
from storage.standings import list_permitted
from tests.calendar.town import HOUR, Town, at, make_city
from tests.support.cities import bound

INVITATION = Campaign(purpose=Purpose.INVITATION, consultation="A", wave=2)
MADRID = ZoneInfo("Europe/Madrid")


async def invite(town: Town) -> int:
    """What `tertulia invite --wave 2` does."""
    now, calendar = town.clock.now(), Calendar.of(town.app)

    def write(connection: Any) -> int:
        people = list_permitted(connection, "invitations")
        plan = plan_invitations(connection, calendar, INVITATION, people, now)
        return put_invitations(connection, calendar, plan)

    return await town.app.committer.write(write)


async def test_only_who_agreed_is_invited_and_once(town: Town) -> None:
    await town.answer("agreed", "OLA")
    await town.answer("only-results", "RES")
    await town.answer("partly", until="A15")
    await town.at("2027-03-09 10:00")
    assert [await invite(town), await invite(town)] == [1, 0]
    await town.tick()
    people = ("agreed", "only-results", "partly")
    assert [town.phones.unasked(who) for who in people] == [["INVITACION"], [], []]


async def test_who_withdrew_blocked_or_said_basta_is_not_invited_and_is_counted(
    town: Town,
) -> None:
    for who in ("basta", "erased", "blocked", "begun", "well"):
        await town.answer(who, "OLA")
    await town.say("basta", "BASTA")
    await town.say("erased", "BORRAR")
    await town.say("erased", "sí")
    town.phones.blocked.add("blocked")
    await town.send()
    town.clock.at = at("2027-03-09 10:00")
    await town.answer("begun", "OLA", until="A15")
    with town.app.database.reading() as connection:
        calendar = Calendar.read(connection, town.app.folder)
        people = list_permitted(connection, "invitations")
        plan = plan_invitations(connection, calendar, INVITATION, people, town.clock.now())
        lines = describe(connection, calendar, plan)
        told = status(connection, calendar, None, town.clock.now())
    assert lines[:4] == [
        "4 people agreed to be asked again; 1 would be invited.",
        "  not: 1 blocked",
        "  not: 1 said BASTA",
        "  not: 1 takes part",
    ]
    assert "  CO (America/Bogota): 1 from 2027-03-09 10:00 to 2027-03-09 10:00" in lines
    assert told[-1] == "contact points that are blocked or gone: loopback 1"


async def test_a_press_on_the_invitation_begins_the_wave_and_counts_its_source(
    town: Town,
) -> None:
    await town.answer("ana", "OLA")
    await town.at("2027-03-09 10:00")
    await invite(town)
    await town.tick()
    message = town.phones.got["ana"][-1][1]
    begun = await town.say("ana", Pressed(payload=message.replies[0].payload))
    assert begun.messages[0].code == "A00"
    r = t.response.c
    with town.app.database.reading() as connection:
        assert connection.scalar(select(r.source).where(r.wave == 2)) == "invitacion"


@pytest.mark.parametrize("by_word", [True, False])
async def test_who_is_in_the_registry_since_comes_to_the_wave_they_are_invited_to(
    town: Town, by_word: bool
) -> None:
    await town.answer("rosa", "OLA", A01="EXT", A05="FR")
    await town.say("rosa", Pressed(payload="!offer:B"))
    await town.say("rosa", Pressed(payload="B00:NO"))
    await town.at("2027-03-09 10:00")
    await invite(town)
    await town.tick()
    message = town.phones.got["rosa"][-1][1]
    assert message.code == "INVITACION"
    body = "participar" if by_word else Pressed(payload=message.replies[0].payload)
    begun = await town.say("rosa", body)
    assert begun.messages[0].code == "A00"
    r = t.response.c
    with town.app.database.reading() as connection:
        found = connection.execute(select(r.consultation, r.wave).order_by(r.started_at)).all()
    assert [tuple(row) for row in found] == [("A", 1), ("B", 1), ("A", 2)]


async def test_an_invitation_waits_for_the_opening_and_for_the_day_there(town: Town) -> None:
    await town.answer("rosa", "OLA", A01="EXT", A05="FR")
    await town.at("2027-03-07 23:00")
    await invite(town)
    await town.until("2027-03-08 12:00", step=HOUR // 4)
    when, message = town.phones.got["rosa"][-1]
    assert message.code == "INVITACION"
    # The wave opens at 06:00 of Madrid, 05:00 UTC: she is written to at nine.
    assert moment(when, ZoneInfo("Europe/Paris")).isoformat()[:16] == "2027-03-08T09:00"


async def test_two_reminders_at_most_and_none_after_the_end(town: Town) -> None:
    await town.answer("slow", until="A15")
    await town.answer("ready", until="A15")
    await town.at("2027-02-06 12:00")
    assert town.phones.unasked("slow") == ["RECORDATORIO"]
    assert "Le faltan pocas preguntas: 3." in town.phones.got["slow"][-1][1].text
    await town.answer("ready")
    for day in ("02-07", "02-08", "02-10"):
        await town.at(f"2027-{day} 12:00")
    assert town.phones.unasked("slow") == ["RECORDATORIO"]  # seven days from the first
    await town.at("2027-02-14 12:00")  # the wave has closed meanwhile
    assert [town.phones.unasked(who) for who in ("slow", "ready")] == [["RECORDATORIO"]] * 2


async def test_reminders_of_an_invitation_go_twice_and_only_to_who_did_not_begin(
    town: Town,
) -> None:
    for who in ("idle", "busy", "basta"):
        await town.answer(who, "OLA")
    await town.at("2027-03-08 10:00")
    await invite(town)
    await town.tick()
    await town.answer("busy")
    await town.say("basta", "BASTA")
    for day in range(9, 19):
        await town.at(f"2027-03-{day:02d} 12:00")
    assert town.phones.unasked("idle") == ["INVITACION", *["RECORDATORIO_INVITACION"] * 2]
    assert town.phones.unasked("busy") == town.phones.unasked("basta") == ["INVITACION"]


async def test_the_button_of_a_reminder_puts_the_pending_question_again(town: Town) -> None:
    await town.answer("slow", until="A15")
    await town.at("2027-02-06 12:00")
    button = town.phones.got["slow"][-1][1].replies[0]
    again = await town.say("slow", Pressed(payload=button.payload))
    assert again.messages[0].code == "A15"


async def test_nobody_is_reminded_at_night_or_on_a_quiet_day_across_a_clock_change(
    tmp_path: Path,
) -> None:
    waves = [{"number": 1, "opens": "2027-03-22", "closes": "2027-04-20"}]
    folder = make_city(tmp_path / "city", waves, quiet_days=["sunday", "03-29"], reminders=[3, 4])
    town = await Town(folder, at("2027-03-25 22:30", MADRID)).start()
    await town.answer("lola", until="A22", A01="EXT", A05="ES")
    await town.until(at("2027-04-04 00:00", MADRID), step=2 * HOUR)
    sent = [moment(when, MADRID) for when, m in town.phones.got["lola"] if m.code[:3] == "REC"]
    # 28 March is a Sunday and the clock goes forward; 29 March is quiet too.
    assert [f"{one:%a %Y-%m-%d}" for one in sent] == ["Tue 2027-03-30", "Sat 2027-04-03"]
    assert all(time(8) <= one.time() < time(21) for one in sent)
    await town.app.stop()


async def test_what_missed_its_day_goes_on_the_next_and_not_in_the_night(town: Town) -> None:
    await town.answer("ana", "OLA")
    await town.send()
    town.clock.at = at("2027-03-09 19:59")
    await invite(town)
    town.clock.at = at("2027-03-09 20:30")  # the channel was busy until night
    await town.tick()
    assert town.phones.unasked("ana") == []
    await town.at("2027-03-10 08:59")
    assert town.phones.unasked("ana") == []
    await town.at("2027-03-10 09:00")
    assert town.phones.unasked("ana") == ["INVITACION"]


async def test_what_nobody_wants_any_more_is_taken_back(town: Town) -> None:
    await town.answer("early", "OLA")
    await town.answer("late", "OLA")
    await town.send()
    town.clock.at = at("2027-03-09 22:00")
    await invite(town)
    await town.answer("early")
    town.phones.blocked.add("late")
    await town.at("2027-03-10 10:00")
    assert town.phones.unasked("early") == []
    with town.app.database.reading() as connection:
        calendar = Calendar.read(connection, town.app.folder)
        lines = status(connection, calendar, "A", town.clock.now())
    assert "  invitation: 2 people; 0 sent, 0 due, 1 not_wanted, 1 recipient_gone" in lines


async def test_basta_on_one_channel_ends_campaigns_on_every_joined_one(town: Town) -> None:
    await town.answer("phone", "OLA RES")
    await town.send()
    texts = [m.text for _, m in town.phones.got["phone"] if "Su código es" in m.text]
    receipt = texts[0].split("Su código es ")[1][:11]
    await town.say("tablet", receipt, on=town.tablets)
    await town.say("phone", "sí")
    await town.at("2027-03-09 10:00")
    assert await invite(town) == 1  # one person on two channels
    await town.tick()
    assert (town.phones.unasked("phone"), town.tablets.unasked("tablet")) == (["INVITACION"], [])
    await town.say("tablet", "BASTA", on=town.tablets)
    await town.publish()
    for day in ("03-13", "03-18", "04-02"):
        await town.at(f"2027-{day} 12:00")
    assert (town.phones.unasked("phone"), town.tablets.unasked("tablet")) == (["INVITACION"], [])


async def test_who_blocked_one_channel_is_invited_on_the_other(town: Town) -> None:
    await town.answer("phone", "OLA")
    await town.send()
    texts = [m.text for _, m in town.phones.got["phone"] if "Su código es" in m.text]
    receipt = texts[0].split("Su código es ")[1][:11]
    await town.say("tablet", receipt, on=town.tablets)
    await town.say("phone", "sí")
    town.phones.blocked.add("phone")
    await town.send()
    await town.at("2027-03-09 10:00")
    assert await invite(town) == 1
    await town.tick()
    assert town.tablets.unasked("tablet") == ["INVITACION"]


async def test_results_go_once_to_who_asked_when_the_day_has_come(town: Town) -> None:
    for who, permissions in (("asked", "RES"), ("other", "OLA"), ("basta", "RES")):
        await town.answer(who, permissions)
    await town.say("basta", "BASTA")
    await town.publish()
    await town.at("2027-02-23 12:00")
    assert town.phones.unasked("asked") == []
    for _ in range(3):
        await town.at("2027-02-24 12:00")
    assert town.phones.unasked("asked") == ["RESULTADOS_LISTOS"]
    assert town.phones.unasked("other") == town.phones.unasked("basta") == []
    text = town.phones.got["asked"][-1][1].text
    assert "Participaron 3 personas" in text
    assert "https://city.example/resumen" in text


async def test_results_wait_until_something_is_published(town: Town) -> None:
    await town.answer("asked", "RES")
    await town.at("2027-02-25 12:00")
    assert town.phones.unasked("asked") == []
    await town.publish()
    await town.at("2027-03-01 10:00")
    assert town.phones.unasked("asked") == ["RESULTADOS_LISTOS"]


async def test_two_processes_and_a_restart_send_nothing_twice(town: Town) -> None:
    await town.answer("slow", until="A15")
    await town.answer("asked", "RES")
    town.clock.at = at("2027-02-06 12:00")
    other = Schedule(town.app)
    assert [await town.schedule.tick(), await other.tick(), await Schedule(town.app).tick()] == [
        1,
        0,
        0,
    ]
    await town.send()
    assert town.phones.unasked("slow") == ["RECORDATORIO"]


def test_the_texts_are_short_and_easy_in_spanish() -> None:
    a = bound()
    values = {
        "faltan": 3,
        "fecha_cierre": "10 de febrero de 2027",
        "n": 300,
        "temas": "Agua y saneamiento, Empleo y economía, Seguridad y convivencia",
        "enlace": "",
        "fecha_respuesta": "15 de abril de 2027",
    }
    codes = ("INVITACION", "RECORDATORIO", "RECORDATORIO_INVITACION", "RESULTADOS_LISTOS")
    for code in (*codes, "OTRA_OLA", "AUN_NO_ABRE"):
        assert inflesz(a.word(code, "es", values)) >= INFLESZ, code
        for language in ("es", "pt", "fr", "en"):
            text = a.word(code, language, values)
            assert len(text.split()) <= BUBBLE_WORDS, (code, language)
            assert "{" not in text.replace("{fecha_apertura}", "").replace("{fecha_cierre}", "")


APPROVED = """\
templates:
  INVITACION: {name: invitacion, category: marketing, text: true, languages: {es: es}}
  RECORDATORIO_INVITACION: {name: recordatorio, category: utility, text: true, languages: {es: es}}
"""


async def test_the_price_is_told_by_category_before_anything_is_sent(tmp_path: Path) -> None:
    costs = {"currency": "USD", "whatsapp": {"marketing": {"default": "0.05", "CO": "0.0125"}}}
    folder = make_city(tmp_path / "city", costs=costs)
    (folder / "whatsapp.yaml").write_text(APPROVED)
    town = await Town(folder, "2027-02-03 10:00").start()
    for who in ("a", "b", "c"):
        await town.answer(who, "OLA")
    await town.answer("d", "OLA", A01="EXT", A05="FR")
    await town.answer("e", "OLA", language="en")
    await town.app.committer.write(
        lambda c: c.execute(t.contact_point.update().values(channel="whatsapp"))
    )
    with town.app.database.reading() as connection:
        calendar = Calendar.read(connection, town.app.folder)
        people = list_permitted(connection, "invitations")
        plan = plan_invitations(connection, calendar, INVITATION, people, town.clock.now())
        lines = [say_cost(line, "USD") for line in costs_of(connection, calendar, plan)]
        described = describe(connection, calendar, plan)
    assert lines == [
        "whatsapp: 1 messages cannot go there: no approved text in their language (whatsapp.yaml)",
        "whatsapp: 4 messages, marketing, USD 0.0875",
    ]
    assert described[-3] == "Reminders to who does not finish add at most, 2 each:"
    assert described[-1] == ("  whatsapp: 8 messages, utility; price unknown (costs in city.yaml)")
    await town.app.stop()


async def test_a_reply_card_keeps_to_the_day_and_the_silence_too(tmp_path: Path) -> None:
    from bot.replying import reply_to_theme

    silence = [{"from": "2027-02-05", "to": "2027-02-08", "reason": "elections"}]
    folder = make_city(tmp_path / "city", quiet_days=[], silence_periods=silence)
    town = await Town(folder, "2027-02-03 10:00").start()
    await town.answer("ana", "RES")
    await town.at("2027-02-06 10:00")
    reply = GivenReply(
        theme="AGU",
        state="accepted",
        reason="Sí",
        unit="Obras",
        due="2027-05-01",
        replied_at=town.clock.now(),
        revision=0,
    )
    told = await reply_to_theme(town.app, consultation=None, reply=reply, actor="x")
    assert told.people == 1
    await town.send()
    assert "DECISION" not in town.phones.codes("ana")
    await town.at("2027-02-09 09:00")
    assert town.phones.codes("ana")[-1] == "DECISION"
    await town.app.stop()
