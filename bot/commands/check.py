"""`tertulia check FILE…`: everything that is wrong with a definition, and what it costs a person.

All mistakes at once, each with its line and the mend. A folder stands for its city and every
consultation in it. A definition in a city's folder is counted in that city, any other in the city
of --instance, or in the catalogue's made-up one.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.commands.options import add_instance
from bot.errors import UsageError
from flows.errors import DefinitionError


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("check", help=says, description=__doc__)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a definition, or a city's folder"
    )
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check every file; 1 if any is refused."""
    files = [found for given in args.files for found in _definitions(given)]
    return max([_check(file, args.instance) for file in files])


def _definitions(given: Path) -> list[Path]:
    """The file, or the consultations of a folder. Raises UsageError."""
    if not given.exists():
        raise UsageError(f"There is no «{given}».")
    if given.is_file():
        return [given]
    inside = given / "consultations" if (given / "city.yaml").is_file() else given
    found = sorted(inside.glob("*.yaml"))
    if not found:
        raise UsageError(f"There is no consultation in «{given}».")
    return found


def _city_of(file: Path, folder: Path) -> Path:
    """The folder of the city in which a definition is counted."""
    from bot.instance import city_of

    around = file.absolute().parent.parent
    return around if (around / "city.yaml").is_file() else city_of(folder)


def _check(file: Path, folder: Path) -> int:
    from bot.instance import CATALOGUE, load_instance
    from flows.binding import bind
    from flows.inspection import inspect
    from flows.loading import kind_notice, parse_consultation

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{file} cannot be read as UTF-8 text.") from problem
    try:
        consultation = parse_consultation(text, file.name)
    except DefinitionError as problem:
        print(problem)
        n = len(problem.issues)
        print(f"{file.name}: {n} {'mistake' if n == 1 else 'mistakes'}.")
        return 1
    city = _city_of(file, folder)
    instance = load_instance(city)
    figures, issues = inspect(bind(consultation, instance))
    print(f"{file.name}: {consultation.kind}, {len(consultation.questions)} questions")
    notice = kind_notice(consultation.kind)
    for line in [notice] if notice else []:
        print(f"  {line}")
    _print_figures(figures)
    if instance.city.made_up and city != CATALOGUE / "city":
        print("  city.yaml still holds the example city: put yours in, and made_up: false")
    for what, which in consultation.review.items():
        print(f"  pending review ({what}): {', '.join(which)}")
    for issue in issues:
        print(f"  {'warning' if issue.warning else 'mistake'}: {issue}")
    return int(any(not issue.warning for issue in issues))


def _print_figures(figures: Any) -> None:
    for label, values in (
        ("screens of the core", figures.core),
        ("screens with the rest", figures.whole),
        ("WhatsApp messages, core", figures.whatsapp),
        ("  numbers typed together", figures.typed),
        ("consent, characters", figures.consent_chars),
    ):
        print(f"  {label:24} " + ", ".join(f"{name} {n}" for name, n in values.items()))
    words, question, language = figures.longest
    print(f"  longest bubble           {words} words ({question}, {language})")
    print(f"  lowest INFLESZ           {figures.hardest[0]} ({figures.hardest[1]})")
