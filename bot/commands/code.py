"""`tertulia code`: themes of open answers, suggested by the codebook and confirmed by people.

  code list --coder ANA --out ana.csv     texts that Ana has not coded, with suggestions
  code import ana.csv --coder ANA         her codes, whole or not at all
  code confirm ID [CODE…] --coder ANA     one text; without codes, what is suggested
  code status                             how far it is, agreement, Cohen's kappa

In a file `-` means that no theme fits; an empty cell means not coded yet. The list is written in
the audit log: it holds people's words.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.options import add_instance, put
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.app import Application
    from bot.instance import Folder
    from storage.codings import OpenText


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser(
        "code", help=says, description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest="what", required=True, metavar="list|import|confirm|status")
    for name in ("list", "import", "confirm", "status"):
        kind = kinds.add_parser(name)
        add_instance(kind)
        kind.add_argument("--consultation", metavar="ID", default=None)
        if name != "status":
            kind.add_argument("--coder", required=True, metavar="NAME")
        if name == "list":
            kind.add_argument("--question", metavar="A13")
            kind.add_argument("--out", type=Path, metavar="FILE.csv")
        if name == "import":
            kind.add_argument("file", type=Path, metavar="FILE.csv")
        if name == "confirm":
            kind.add_argument("text_id", metavar="ID")
            kind.add_argument("codes", nargs="*", metavar="CODE")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List, take in, confirm or tell."""
    from bot.instance import load_folder

    folder = load_folder(args.instance)
    name = folder.consultation(args.consultation).definition.id
    if args.what == "status":
        return _status(folder, name)
    from bot.handover import do_or_hand_over

    given: dict[str, Any] = {"what": args.what, "consultation": name, "coder": args.coder[:80]}
    if args.what == "list":
        do_or_hand_over(args.instance, "code", work, given)
        return _list(args, folder, name)
    if args.what == "import":
        given["codes"] = _from_file(args.file, folder)
    else:
        given["codes"] = {args.text_id: _confirmed(args, folder, name)}
    print(do_or_hand_over(args.instance, "code", work, given))
    return 0


async def work(app: Application, given: dict[str, Any]) -> str:
    """Write codes, or that somebody listed texts, in the process that holds the folder."""
    from storage.codings import list_texts, record_codings
    from storage.officials import audit

    now, coder, name = app.clock.now(), given["coder"], given["consultation"]
    note = partial(audit, at=now, actor=coder, consultation=name)
    if given["what"] == "list":
        await app.committer.write(partial(note, did="texts_listed"))
        return ""
    definition = app.folder.consultation(name).definition
    zone = app.folder.instance.city.time_zone
    codes = {text: tuple(listed) for text, listed in given["codes"].items()}

    def write(connection: Any) -> int:
        texts = list_texts(connection, app.keys, definition, zone=zone, now=now)
        n = record_codings(connection, texts, name, coder, codes, now)
        note(connection, did="texts_coded", n=n)
        return n

    return f"{coder}: {await app.committer.write(write)} texts coded."


def _from_file(file: Path, folder: Folder) -> dict[str, tuple[str, ...]]:
    from bot.coding import read_sheet

    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{file.name} is not written in UTF-8; save it again.") from problem
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}.") from problem
    return read_sheet(text, file.name, folder)


def _confirmed(args: argparse.Namespace, folder: Folder, name: str) -> list[str]:
    """The codes given, or those that the codebook suggests for the text."""
    from bot.coding import themes_of
    from flows.codebook import suggest

    text = next((t for t in _texts(folder, name) if t.text_id == args.text_id), None)
    if text is None:
        raise UsageError(f"There is no text «{args.text_id}». List them: tertulia code list.")
    themes = themes_of(folder, text.coded.question)
    known = [theme.code for theme in themes]
    wrong = [code for code in args.codes if code not in known]
    if wrong:
        listed = ", ".join(known) or "nothing yet"
        raise UsageError(f"«{wrong[0]}» is no theme of {text.coded.question}. There is {listed}.")
    return list(args.codes) or list(suggest(text.coded.text, themes))


def _texts(folder: Folder, name: str) -> list[OpenText]:
    from bot.clock import SystemClock
    from bot.instance import load_keys
    from storage.codings import list_texts
    from storage.database import Database

    database = Database.open_readonly(folder.database)
    with database.reading() as connection:
        texts = list_texts(
            connection,
            load_keys(folder.path),
            folder.consultation(name).definition,
            zone=folder.instance.city.time_zone,
            now=SystemClock().now(),
        )
    database.close_sync()
    return texts


def _list(args: argparse.Namespace, folder: Folder, name: str) -> int:
    from bot.coding import sheet, waiting

    put(sheet(folder, waiting(_texts(folder, name), args.question, args.coder)), args.out)
    return 0


def _status(folder: Folder, name: str) -> int:
    """One line per question: texts, coded by whom, agreement and kappa."""
    from bot.coding import themes_of
    from reports.coding import coding_block

    texts = _texts(folder, name)
    k = folder.instance.city.thresholds.internal
    for question in dict.fromkeys(t.coded.question for t in texts):
        own = [t.coded for t in texts if t.coded.question == question]
        block = coding_block(own, themes_of(folder, question), k)
        if block is None:
            print(f"{question}: {len(own)} texts, fewer than {k} coded.")
            continue
        said = f"{question}: {len(own)} texts, {block['coded']} coded"
        both = block["agreement"]
        if both:
            said += f"; {both['n']} by two people: agreement {both['percent']} %, "
            said += f"kappa {both['kappa'] or 'undefined'}"
        print(f"{said}; {block['flagged']} repeated or in a burst.")
        for theme in block["themes"]:
            print(f"  {theme['code']}\t{theme['n']}\t{theme['percent']} %")
    return 0
