"""The demo's folder: the catalogue's made-up city with its dates moved to today, and its crowd."""

from __future__ import annotations

import asyncio
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import yaml
from sqlalchemy import Connection

from bot.app import Application
from bot.clock import ManualClock
from bot.demo.crowd import Person, make_crowd
from bot.demo.speaking import speak
from bot.instance import MARGINS, make_folder, make_keys, set_dates
from bot.publishing import publish_if_allowed
from bot.replying import reply_to_theme
from flows.codebook import suggest
from flows.inbound import Said
from flows.readings import GivenReply
from flows.weeks import midnight
from storage.codings import list_texts, record_codings

TAGS = {
    "AGU": "water", "SEG": "safety", "EMP": "jobs", "CLI": "climate", "MOV": "mobility",
    "CUL": "culture", "MIG": "migration",
}  # fmt: skip
AT_ONCE = 64
"""People who speak at the same time: enough to fill the committer's batches."""
ANSWERED = GivenReply(
    theme="AGU",
    state="in_part",
    reason=(
        "La primera etapa del acueducto de ladera entra en el presupuesto de 2027; "
        "la segunda no tiene fondos todavía."
    ),
    unit="Secretaría de Servicios Públicos",
    due="2027-06-30",
    replied_at=0,
    revision=0,
)
"""The reply the made-up city has given: one theme is answered, the others are owed."""


def make_demo_folder(path: Path, *, today: date, seed: int) -> None:
    """The folder; the keys derive from the seed, so that the same seed gives the same bytes."""
    make_folder(path)
    shutil.copyfile(Path(__file__).with_name(MARGINS), path / MARGINS)
    for file in (path / "keys").iterdir():
        file.unlink()
    make_keys(path, seed=f"tertulia-demo-{seed}".encode())
    monday = today - timedelta(days=today.weekday())
    days = {
        "opens": monday - timedelta(days=21),
        "closes": today + timedelta(days=21),
        "results_on": today + timedelta(days=35),
        "reply_on": today + timedelta(days=90),
    }
    set_dates(path, days)


def crowd_of(app: Application, *, people: int, seed: int, today: date) -> list[Person]:
    """The made-up people, over the three weeks before this one."""
    zone = app.folder.instance.city.time_zone
    monday = today - timedelta(days=today.weekday())
    weeks = [midnight(monday - timedelta(days=7 * n), zone) for n in (3, 2, 1)]
    voices = yaml.safe_load((Path(__file__).parent / "voices.yaml").read_text(encoding="utf-8"))
    areas = [area.code for area in app.folder.instance.areas]
    return make_crowd(people=people, seed=seed, weeks=weeks, voices=voices, tags=TAGS, areas=areas)


async def populate(path: Path, *, people: int, seed: int, today: date) -> None:
    """Let the crowd speak and the city reply once."""
    clock = ManualClock(0)
    app = Application.at(path, clock=clock)
    zone = app.folder.instance.city.time_zone
    clock.at = midnight(today, zone) + 9 * 3_600_000_000
    await app.start()
    try:
        await _speak_all(app, people=people, seed=seed, today=today)
    finally:
        await app.stop()


async def _speak_all(app: Application, *, people: int, seed: int, today: date) -> None:
    """Everybody, week by week, with what the city published and replied in between."""
    zone = app.folder.instance.city.time_zone
    crowd = crowd_of(app, people=people, seed=seed, today=today)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(person: Person) -> None:
        async with gate:
            await speak(person, app.loopback)
            if person.ending == "withdrawn":
                at = person.begins + 3_600_000_000
                await app.loopback.say(f"persona-{person.number}", Said(text="BORRAR"), at=at)
                await app.loopback.hear(f"persona-{person.number}")
                await app.loopback.say(f"persona-{person.number}", Said(text="1"), at=at + 1)

    monday = today - timedelta(days=today.weekday())
    for weeks_ago in (3, 2, 1):
        begin = midnight(monday - timedelta(days=7 * weeks_ago), zone)
        end = midnight(monday - timedelta(days=7 * (weeks_ago - 1)), zone)
        await asyncio.gather(*(one(p) for p in crowd if begin <= p.begins < end))
        await app.committer.write(
            lambda c, at=end - 1: publish_if_allowed(c, app.folder, at)  # type: ignore[misc]  # bound now
        )
    replied_at = midnight(monday - timedelta(days=3), zone)
    reply = GivenReply(
        **{name: getattr(ANSWERED, name) for name in ("theme", "state", "reason", "unit", "due")},
        replied_at=replied_at,
        revision=0,
    )
    await reply_to_theme(app, consultation=None, reply=reply, actor="demo")
    await _code_texts(app, seed=seed, now=replied_at)
    if app.delivery is not None:
        while await app.delivery.drain():
            pass


CODERS = ("Ana (inventada)", "Luis (inventado)")
SECOND_READS, DIFFERS = 0.4, 0.15
"""How many texts the second coder reads, and how many of these are coded otherwise."""


async def _code_texts(app: Application, *, seed: int, now: int) -> None:
    """Two made-up coders: the first confirms most of what is suggested, the second checks."""
    bound = app.folder.main
    rng = random.Random(f"coders-{seed}")  # noqa: S311 - a demo, no secret
    book = app.folder.instance.codebook

    def write(connection: Connection) -> None:
        zone = app.folder.instance.city.time_zone
        texts = list_texts(connection, app.keys, bound.definition, zone=zone, now=now)
        read = [t for t in texts if t.coded.question in book and rng.random() < 0.95]
        first = {t.text_id: suggest(t.coded.text, book[t.coded.question]) for t in read}
        second = {
            name: () if rng.random() < DIFFERS else codes
            for name, codes in first.items()
            if rng.random() < SECOND_READS
        }
        name = bound.definition.id
        for coder, codes, at in zip(CODERS, (first, second), (now, now + 1), strict=True):
            record_codings(connection, texts, name, coder, codes, at)

    await app.committer.write(write)
