"""`tertulia check FILE…`: everything that is wrong with a definition, and what it costs a person.

All mistakes at once, each with its line and the mend. The figures are counted in the city of
--instance, or in the catalogue's made-up one.
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
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check every file; 1 if any is refused."""
    return max([_check(file, args.instance) for file in args.files])


def _check(file: Path, folder: Path) -> int:
    from bot.instance import city_of, load_instance
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
        print(f"{file.name}: {len(problem.issues)} mistakes.")
        return 1
    figures, issues = inspect(bind(consultation, load_instance(city_of(folder))))
    print(f"{file.name}: {consultation.kind}, {len(consultation.questions)} questions")
    notice = kind_notice(consultation.kind)
    for line in [notice] if notice else []:
        print(f"  {line}")
    _print_figures(figures)
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
        ("consent, characters", figures.consent_chars),
    ):
        print(f"  {label:24} " + ", ".join(f"{name} {n}" for name, n in values.items()))
    words, question, language = figures.longest
    print(f"  longest bubble           {words} words ({question}, {language})")
    print(f"  lowest INFLESZ           {figures.hardest[0]} ({figures.hardest[1]})")
