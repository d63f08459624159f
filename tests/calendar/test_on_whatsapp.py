"""The calendar on WhatsApp: outside the 24 hours the approved text goes, and its button begins."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from bot.commands import invite
from bot.schedule import Schedule
from storage.outbox import find_by_contact
from storage.participants import set_permissions
from tests.calendar.town import at, make_city
from tests.support.whatsapp import CloudApi, Template
from tests.whatsapp.town import town

APPROVED = """\
templates:
  INVITACION:
    {name: invitacion, category: marketing, text: true, buttons: 1, languages: {es: es}}
"""


async def test_an_invitation_goes_as_the_approved_text_and_its_button_begins_the_wave(
    tmp_path: Path,
) -> None:
    costs = {"currency": "USD", "whatsapp": {"marketing": "0.0125"}}
    folder = make_city(tmp_path / "city", quiet_days=[], costs=costs)
    (folder / "whatsapp.yaml").write_text(APPROVED, encoding="utf-8")
    api = CloudApi()
    api.templates["invitacion"] = Template(category="marketing", languages={"es": "approved"})
    api.templates["invitacion"].parameters, api.templates["invitacion"].buttons = 1, 1
    async with town(folder, start=at("2027-02-03 10:00"), api=api) as city:
        person = city.person()
        person.say("HOLA")
        await city.quiet()
        with city.app.database.reading() as connection:
            known = find_by_contact(connection, city.app.keys, "whatsapp", person.line.user)
        assert known is not None
        agree = partial(
            set_permissions,
            participant=known,
            consultation="A",
            purposes=["invitations"],
            at=city.clock.now(),
        )
        await city.app.committer.write(agree)
        city.clock.at = at("2027-03-09 10:00")
        given = {"consultation": "A", "wave": 2, "name": "Ana", "after": None}
        said = json.loads(await invite.work(city.app, given))
        assert said["costs"] == ["whatsapp: 1 messages, marketing, USD 0.0125"]
        await Schedule(city.app).tick()
        await city.quiet()
        sent = person.received[-1].payload["template"]
        assert sent["name"] == "invitacion"
        text, button = (part["parameters"][0] for part in sent["components"])
        assert text["text"].startswith("La Alcaldía de Villa Ribera le escribe porque")
        person.send("button", {"payload": button["payload"], "text": "Participar"})
        await city.quiet()
        assert "+ y acepto" in json.dumps(person.received[-1].payload, ensure_ascii=False)
        assert api.refused == []
