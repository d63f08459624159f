"""The instance folder: reads its texts, keys and consultations; makes a new one.

The only place that turns the folder into values. A wrong folder is told in one sentence.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel import Locale

from bot.errors import InstanceError, UsageError
from bot.time_zones import zone_names
from flows import instance as parsing
from flows.binding import BoundConsultation, bind
from flows.city import Instance
from flows.codebook import parse_codebook
from flows.consultation import RUNNING_KINDS
from flows.languages import LANGUAGES
from flows.loading import parse_consultation
from flows.margins import parse_margins
from storage.keys import KeyRing

CATALOGUE = Path(__file__).parent / "catalogue"
NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
DATABASE = "tertulia.db"
SECRETS = "secrets.env"
MARGINS = "margins.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A loaded instance folder: its values, its consultations by id, where things are."""

    path: Path
    instance: Instance
    consultations: dict[str, BoundConsultation]

    @property
    def database(self) -> str:
        """The path of the database file."""
        return str(self.path / DATABASE)

    def consultation(self, name: str | None) -> BoundConsultation:
        """The consultation with this id; without one the first of kind consulta."""
        if name is None:
            return self.main
        if name not in self.consultations:
            known = ", ".join(sorted(self.consultations))
            raise InstanceError(f"There is no consultation «{name}» here. There is: {known}.")
        return self.consultations[name]

    def registry_of(self, bound: BoundConsultation) -> BoundConsultation | None:
        """The registry that a consultation offers to people abroad, or None."""
        offered = (self.consultations.get(o.consultation) for o in bound.definition.offers)
        return next((other for other in offered if other is not None), None)

    @property
    def main(self) -> BoundConsultation:
        """The consultation that people who just arrive are asked."""
        ordered = [self.consultations[name] for name in sorted(self.consultations)]
        kinds = sorted(ordered, key=lambda bound: bound.definition.kind != "consulta")
        return kinds[0]


def load_folder(path: Path) -> Folder:
    """Read an instance folder. Raises InstanceError or DefinitionError."""
    if not (path / "city.yaml").is_file():
        raise InstanceError(
            f"«{path.name or path}» is no Tertulia folder: city.yaml is missing. "
            "Make one with «tertulia init DIR», or name one with --instance."
        )
    instance = load_instance(path)
    files = sorted((path / "consultations").glob("*.yaml"))
    bound = [bind(parse_consultation(_read(file), file.name), instance) for file in files]
    running = {str(b.definition.id): b for b in bound if b.definition.kind in RUNNING_KINDS}
    if not running:
        raise InstanceError("There is no consultation in consultations/ that can run.")
    return Folder(path=path, instance=instance, consultations=running)


def city_of(folder: Path) -> Path:
    """The folder itself if it is a city's, else the catalogue's made-up city."""
    return folder if (folder / "city.yaml").is_file() else CATALOGUE / "city"


def find_consultation(name: str, folder: Path) -> BoundConsultation:
    """A consultation by its id or its definition's file, in the folder's city.

    Outside a city's folder ids are the catalogue's. Raises UsageError, InstanceError or
    DefinitionError.
    """
    file, city = Path(name), city_of(folder)
    if not file.is_file():
        if city == folder:
            return load_folder(folder).consultation(name)
        file = CATALOGUE / f"{name}.yaml"
    if not file.is_file():
        raise UsageError(f"There is no consultation «{name}» here, and no such file.")
    return bind(parse_consultation(_read(file), file.name), load_instance(city))


def load_instance(path: Path) -> Instance:
    """City, plan, areas and actions of a folder, with the words and actors of the catalogue."""
    areas = parsing.parse_areas(_read(path / "areas.csv", ""), "areas.csv")
    actors = parsing.parse_actors(_read(CATALOGUE / "actors.yaml"), "actors.yaml")
    countries = country_names()
    known = {
        "area": [area.code for area in areas],
        "country": countries,
        "sector": [sector.code for sector in actors.sectors],
        "actor_type": [actor.code for actor in actors.types],
        "language": LANGUAGES,
    }
    return Instance(
        city=parsing.parse_city(_read(path / "city.yaml"), "city.yaml"),
        plan=parsing.parse_plan(_read(path / "plan.yaml"), "plan.yaml"),
        areas=areas,
        actions=parsing.parse_actions(_read(path / "actions.yaml", "[]"), "actions.yaml"),
        actors=actors,
        words=parsing.parse_system_words(_read(CATALOGUE / "system.yaml"), "system.yaml"),
        countries=countries,
        margins=parse_margins(_read(path / MARGINS, ""), MARGINS, known),
        zones=zone_names(),
        actor_map=parsing.parse_actor_map(
            _read(path / "actor_map.csv", "actor,actor_type,planes,role"), "actor_map.csv"
        ),
        codebook=parse_codebook(_read(path / "codebook.yaml", "{}"), "codebook.yaml"),
    )


def _read(path: Path, default: str | None = None) -> str:
    if not path.is_file():
        if default is not None:
            return default
        raise InstanceError(f"{path.name} is missing in «{path.parent.name}».")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InstanceError(f"{path.name} is not written in UTF-8; save it again.") from problem
    except OSError as problem:
        raise InstanceError(f"{path.name} cannot be read: {problem.strerror}.") from problem


def country_names() -> dict[str, dict[str, str]]:
    """ISO codes to names in the four languages, from Babel's data."""
    names: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES:
                names.setdefault(code, {})[language] = name
    return names


def make_folder(path: Path) -> None:
    """Copy the example city and its consultations; make the keys and an empty secrets.env."""
    if path.exists() and any(path.iterdir()):
        raise InstanceError(f"«{path.name}» is not empty; choose a new folder.")
    try:
        (path / "consultations").mkdir(parents=True, exist_ok=True)
        for file in sorted((CATALOGUE / "city").iterdir()):
            shutil.copyfile(file, path / file.name)
        for name in ("A.yaml", "B.yaml"):
            shutil.copyfile(CATALOGUE / name, path / "consultations" / name)
        (path / "out").mkdir(exist_ok=True)
        _write_private(path / SECRETS, (CATALOGUE / SECRETS).read_bytes())
        make_keys(path)
    except OSError as problem:
        raise InstanceError(f"«{path.name}» cannot be made: {problem.strerror}.") from problem


def set_dates(path: Path, days: Mapping[str, date]) -> None:
    """Write days into every consultation of a folder: `opens`, `closes`, `results_on`, `reply_on`.

    In place, so that the comments of the definitions stay.
    """
    for file in sorted((path / "consultations").glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        for name, day in days.items():
            text = re.sub(rf"\b{name}: \d{{4}}-\d{{2}}-\d{{2}}", f"{name}: {day}", text)
        file.write_text(text, encoding="utf-8")


def make_keys(path: Path, seed: bytes | None = None) -> None:
    """Two keys, readable by the owner only. `seed` is for the made-up city alone."""
    keys = path / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    for name in ("addresses.key", "pepper.key"):
        material = _derived(seed, name) if seed is not None else secrets.token_bytes(32)
        _write_private(keys / name, material)


def _write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner can read."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(content)


def _derived(seed: bytes, name: str) -> bytes:
    from hashlib import sha256

    return sha256(seed + name.encode()).digest()


def load_keys(path: Path) -> KeyRing:
    """The keys of a folder; a folder without keys gets new ones if it has no records yet."""
    keys = path / "keys"
    if not keys.is_dir() and not (path / DATABASE).exists():
        make_keys(path)
    try:
        return KeyRing(
            keys=((keys / "addresses.key").read_bytes(),),
            pepper=(keys / "pepper.key").read_bytes(),
        )
    except OSError as problem:
        raise InstanceError(
            "The keys are missing in keys/: without them nobody can be written to. "
            "Bring them back from where they were kept apart."
        ) from problem
