"""The texts of an instance folder, parsed: city, plan, areas, actions; and the shipped words.

Each function takes a text and the name it goes by, and raises DefinitionError with every
mistake in it. Labels may be one string (the same in all languages) or one per language.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows import limits
from flows.city import (
    ACTOR_ROLES,
    PLANES,
    Action,
    Actors,
    ActorType,
    Area,
    Axis,
    City,
    MappedActor,
    Objective,
    Plan,
    PriorityGroup,
    Sector,
    SystemWords,
    Theme,
    Thresholds,
)
from flows.languages import LANGUAGES
from flows.sending import read_sending
from flows.yaml_source import Node, Reader, parse_yaml


def parse_city(text: str, source: str) -> City:
    """`city.yaml`: who consults, where, and how small a row may be."""
    reader = Reader(source)
    root = parse_yaml(text, source)
    top = reader.mapping(root, "The city")
    for key in ("name", "time_zone"):
        if key not in top:
            reader.wrong(root.line, "missing", f"«{key}» is missing in {source}.")
    name = reader.text(top.get("name"), "name")
    city = City(
        name=name,
        territory=reader.text(top.get("territory"), "territory") or name,
        government=reader.text(top.get("government"), "government") or name,
        country=reader.string(top.get("country"), "country").upper(),
        time_zone=_zone(reader, top.get("time_zone")),
        locale=reader.string(top.get("locale"), "locale", "es-CO"),
        languages=reader.strings(top.get("languages"), "languages") or LANGUAGES,
        minimum_age=_ages(reader, top.get("minimum_age")),
        thresholds=_thresholds(reader, top),
        diaspora_programme=reader.text(top.get("diaspora_programme"), "diaspora_programme"),
        division=reader.text(top.get("division"), "division"),
        contact=reader.string(top.get("contact"), "contact"),
        youth_link=reader.string(top.get("youth_link"), "youth_link"),
        url=reader.string(top.get("url"), "url"),
        made_up=reader.truth(top.get("made_up"), "made_up"),
        silence_periods=tuple(
            _period(reader, item)
            for item in reader.items(top.get("silence_periods"), "silence_periods")
        ),
        **read_sending(reader, top),
    )
    reader.finish()
    return city


def _zone(reader: Reader, node: Node | None) -> ZoneInfo:
    name = reader.string(node, "time_zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        line = node.line if node else 1
        reader.wrong(
            line, "time_zone", f"No time zone «{name}». Use a name such as America/Bogota."
        )
        return ZoneInfo("UTC")


def _ages(reader: Reader, node: Node | None) -> dict[str, int]:
    if node is None:
        return {"default": 18}
    if isinstance(node.value, str):
        return {"default": reader.whole(node, "minimum_age", 18)}
    pairs = reader.mapping(node, "minimum_age")
    ages = {key: reader.whole(value, "minimum_age", 18) for key, value in pairs.items()}
    return {"default": 18, **ages}


def _thresholds(reader: Reader, top: dict[str, Node]) -> Thresholds:
    node = top.get("k")
    sector_minimum = reader.whole(top.get("sector_minimum"), "sector_minimum", 5)
    if node is None:
        return Thresholds(sector_minimum=sector_minimum)
    pairs = reader.mapping(node, "k", ("public", "internal"))
    thresholds = Thresholds(
        public=reader.whole(pairs.get("public"), "k.public", 10),
        internal=reader.whole(pairs.get("internal"), "k.internal", 5),
        sector_minimum=sector_minimum,
    )
    if min(thresholds.public, thresholds.internal) < 2:
        reader.wrong(node.line, "k", "k must be 2 or more: a row of one person is that person.")
    return thresholds


def _period(reader: Reader, node: Node) -> tuple[date, date]:
    pairs = reader.mapping(node, "A silence period", ("from", "to", "reason"))
    first, last = reader.day(pairs.get("from"), "from"), reader.day(pairs.get("to"), "to")
    if last < first:
        reader.wrong(node.line, "silence", "The silence ends before it begins; swap the days.")
    return first, last


def parse_plan(text: str, source: str) -> Plan:
    """`plan.yaml`: axes, objectives, and the themes offered for ranking."""
    reader = Reader(source)
    root = parse_yaml(text, source)
    top = reader.mapping(root, "The plan")
    plan = Plan(
        name=reader.text(top.get("name"), "name"),
        axes=tuple(_axis(reader, node) for node in reader.items(top.get("axes"), "axes")),
        objectives=tuple(
            _objective(reader, node) for node in reader.items(top.get("objectives"), "objectives")
        ),
        themes=tuple(_theme(reader, node) for node in reader.items(top.get("themes"), "themes")),
        is_approved=reader.truth(top.get("approved"), "approved"),
    )
    _check_plan(reader, plan, root.line)
    reader.finish()
    return plan


def _check_plan(reader: Reader, plan: Plan, line: int) -> None:
    if not plan.themes:
        reader.wrong(line, "themes", "The plan offers no theme; write at least one under themes.")
    if len(plan.themes) > limits.THEMES:
        reader.wrong(line, "themes", f"At most {limits.THEMES} themes fit one list; merge some.")
    axes = {axis.code for axis in plan.axes}
    for objective in plan.objectives:
        if axes and objective.axis not in axes:
            reader.wrong(line, "axis", f"Objective {objective.code}: no axis «{objective.axis}».")
    _check_themes(reader, plan, line)


def _check_themes(reader: Reader, plan: Plan, line: int) -> None:
    objectives = {objective.code for objective in plan.objectives}
    for theme in plan.themes:
        for code in theme.objectives:
            if objectives and code not in objectives:
                reader.wrong(line, "objective", f"Theme {theme.code}: no objective «{code}».")
        if not theme.objectives:
            sentence = f"Theme {theme.code} is tied to no objective; it will count for no axis."
            reader.wrong(line, "objective", sentence, warning=True)


def _axis(reader: Reader, node: Node) -> Axis:
    pairs = reader.mapping(node, "An axis")
    code = reader.string(pairs.get("code"), "code")
    return Axis(code=code, label=_label(reader, pairs, code))


def _label(reader: Reader, pairs: dict[str, Node], code: str) -> dict[str, str]:
    label = reader.text(pairs.get("label") or pairs.get("name"), f"{code}.label")
    return label or dict.fromkeys(LANGUAGES, code)


def _objective(reader: Reader, node: Node) -> Objective:
    pairs = reader.mapping(node, "An objective")
    code = reader.string(pairs.get("code"), "code")
    axis = reader.string(pairs.get("axis"), "axis")
    return Objective(code=code, label=_label(reader, pairs, code), axis=axis)


def _theme(reader: Reader, node: Node) -> Theme:
    pairs = reader.mapping(node, "A theme")
    code = reader.string(pairs.get("code"), "code")
    if not code:
        reader.wrong(node.line, "missing", "A theme needs a code.")
    return Theme(
        code=code,
        label=_label(reader, pairs, code),
        description=reader.text(pairs.get("description"), "description"),
        objectives=reader.strings(pairs.get("objectives"), "objectives"),
        global_code=reader.string(pairs.get("global"), "global") or None,
    )


def parse_areas(text: str, source: str) -> tuple[Area, ...]:
    """`areas.csv`: code, name, parent."""
    reader = Reader(source)
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    areas: list[Area] = []
    for line, row in enumerate(rows, start=2):
        code, name = (row.get("code") or "").strip(), (row.get("name") or "").strip()
        if not code or not name:
            reader.wrong(line, "area", "An area needs a code and a name.")
        areas.append(Area(code=code, name=name, parent=(row.get("parent") or "").strip() or None))
    reader.finish()
    return tuple(areas)


def parse_actor_map(text: str, source: str) -> tuple[MappedActor, ...]:
    """`actor_map.csv`: actor, actor_type, planes (joined by `|`), role. No answer of anybody:
    officials write it."""
    reader = Reader(source)
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    found: list[MappedActor] = []
    for line, row in enumerate(rows, start=2):
        cells = {key: (row.get(key) or "").strip() for key in ("actor", "actor_type", "role")}
        planes = tuple(p.strip() for p in (row.get("planes") or "").split("|") if p.strip())
        if not cells["actor"]:
            reader.wrong(line, "actor", "An actor of the map needs a name under «actor».")
        if not planes or set(planes) - set(PLANES):
            reader.wrong(line, "planes", f"«planes» takes {', '.join(PLANES)}, joined by |.")
        if cells["role"] not in ACTOR_ROLES:
            reader.wrong(line, "role", f"«role» takes {', '.join(ACTOR_ROLES)}.")
        found.append(
            MappedActor(
                name=cells["actor"],
                actor_type=cells["actor_type"],
                planes=planes,
                role=cells["role"],
            )
        )
    reader.finish()
    return tuple(found)


def parse_actions(text: str, source: str) -> tuple[Action, ...]:
    """`actions.yaml`: what the city does abroad, at which cost, and who benefits."""
    reader = Reader(source)
    root = parse_yaml(text, source)
    listed = root.value if isinstance(root.value, list) else None
    top = {} if listed is not None else reader.mapping(root, "actions")
    nodes = listed if listed is not None else reader.items(top.get("actions"), "actions")
    actions = []
    for node in nodes:
        pairs = reader.mapping(node, "An action")
        for key in ("action", "cost", "benefits"):
            if key not in pairs:
                reader.wrong(node.line, "missing", f"An action needs «{key}».")
        actions.append(
            Action(
                action=reader.text(pairs.get("action"), "action"),
                cost=reader.string(pairs.get("cost"), "cost"),
                benefits=reader.text(pairs.get("benefits"), "benefits"),
                year=reader.string(pairs.get("year"), "year"),
            )
        )
    reader.finish()
    return tuple(actions)


def parse_actors(text: str, source: str) -> Actors:
    """`actors.yaml` of the catalogue: sectors, actor types, priority groups."""
    reader = Reader(source)
    top = reader.mapping(parse_yaml(text, source), "actors", ("sectors", "types", "groups"))

    def coded(key: str) -> list[dict[str, Node]]:
        return [reader.mapping(node, key) for node in reader.items(top.get(key), key)]

    actors = Actors(
        sectors=tuple(
            Sector(
                code=reader.string(p.get("code"), "code"),
                label=reader.text(p.get("label"), "label"),
            )
            for p in coded("sectors")
        ),
        types=tuple(
            ActorType(
                code=reader.string(p.get("code"), "code"),
                label=reader.text(p.get("label"), "label"),
            )
            for p in coded("types")
        ),
        groups=tuple(
            PriorityGroup(
                code=reader.string(p.get("code"), "code"),
                label=reader.text(p.get("label"), "label"),
                actor_types=reader.strings(p.get("actor_types"), "actor_types"),
            )
            for p in coded("groups")
        ),
    )
    reader.finish()
    return actors


def parse_system_words(text: str, source: str) -> SystemWords:
    """`system.yaml` of the catalogue: keywords, strings, states of a reply."""
    reader = Reader(source)
    top = reader.mapping(parse_yaml(text, source), "words", ("keywords", "strings", "states"))
    keywords = reader.mapping(top["keywords"], "keywords") if "keywords" in top else {}
    strings = reader.mapping(top["strings"], "strings") if "strings" in top else {}
    states = reader.mapping(top["states"], "states") if "states" in top else {}
    words = SystemWords(
        keywords={
            name: {
                code: reader.strings(items, name)
                for code, items in reader.mapping(node, name).items()
            }
            for name, node in keywords.items()
        },
        strings={code: reader.text(node, code) for code, node in strings.items()},
        states={code: reader.text(node, code) for code, node in states.items()},
    )
    reader.finish()
    return words
