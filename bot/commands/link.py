"""`tertulia link telegram|whatsapp|web --source CODE`: a link that counts where people came from.

Its QR code is written beside it.

Give each library, association, consulate or poster a code of its own: the summary then says how
many came by each. A code names a place, never a person.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path
from typing import Any

from bot.commands.options import add_instance
from bot.credentials import load_credentials
from bot.errors import ChannelError, InstanceError, UsageError
from flows.limits import SOURCE_CHARS

SOURCE = re.compile(rf"[A-Za-z0-9_-]{{1,{SOURCE_CHARS}}}")
BOT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{4,31}")
PIXELS = 12
"""Of one QR module in the PNG: sharp on a poster, and still small."""


def add(parsers: Any, says: str) -> None:
    """Describe the verb."""
    parser = parsers.add_parser("link", help=says, description=__doc__)
    parser.add_argument("channel", choices=("telegram", "whatsapp", "web"))
    parser.add_argument("--source", required=True, metavar="CODE", help="e.g. biblioteca-12")
    parser.add_argument("--bot", metavar="NAME", help="the bot's @name; default: ask Telegram")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: out/ in the folder")
    add_instance(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the link and write the two pictures."""
    if not SOURCE.fullmatch(args.source):
        raise UsageError(
            f"«{args.source}» is no source code: letters, digits, - and _, at most {SOURCE_CHARS}."
        )
    link = {"telegram": _telegram, "whatsapp": _whatsapp, "web": _web}[args.channel](args)
    out = args.out or args.instance / "out"
    print(link)
    for file in write_codes(link, out, f"link-{args.channel}-{args.source}"):
        print(file)
    return 0


def write_codes(link: str, out: Path, name: str) -> list[Path]:
    """The QR code of a link as PNG and SVG; returns the files."""
    import segno

    code = segno.make_qr(link, error="m")
    files = [out / f"{name}.png", out / f"{name}.svg"]
    try:
        out.mkdir(parents=True, exist_ok=True)
        code.save(str(files[0]), scale=PIXELS, border=4)
        code.save(str(files[1]), scale=4, border=4, title=link, desc=link)
    except OSError as problem:
        raise UsageError(f"{out} cannot be written: {problem.strerror}.") from problem
    return files


def _telegram(args: argparse.Namespace) -> str:
    from aiogram.utils.deep_linking import create_deep_link

    name = (args.bot or "").removeprefix("@") or _citizens_name(args.instance)
    if not BOT_NAME.fullmatch(name):
        raise UsageError(f"«{name}» is no bot's name.")
    return str(create_deep_link(name, "start", args.source))


def _citizens_name(folder: Path) -> str:
    access = load_credentials(folder).telegram
    if access is None:
        raise UsageError(
            "There is no TELEGRAM_TOKEN in secrets.env. Put it there, or name the bot with --bot."
        )
    return ask_name(access.token, access.api)


def ask_name(token: str, api: str) -> str:
    """A bot's name, from Telegram."""
    from bot.channels.telegram.channel import make_bot, told

    async def ask() -> str:
        bot = make_bot(token, api)
        try:
            return str((await told(bot.get_me())).username)
        finally:
            await bot.session.close()

    try:
        return asyncio.run(ask())
    except ChannelError as problem:
        raise InstanceError(f"{problem} Name the bot with --bot.") from problem


def _whatsapp(args: argparse.Namespace) -> str:
    """A wa.me link: it opens the chat with the words that begin, which the person then sends."""
    from urllib.parse import quote

    from bot.instance import load_folder
    from flows.languages import LANGUAGES

    access = load_credentials(args.instance).whatsapp
    if access is None or not access.number:
        raise UsageError(
            "There is no WHATSAPP_NUMBER in secrets.env: the city's number with its country code."
        )
    bound = load_folder(args.instance).main
    language = next(code for code in LANGUAGES if code in bound.definition.languages)
    word = bound.instance.words.keywords["participar"][language][0]
    return f"https://wa.me/{access.number}?text={quote(f'{word} {args.source}')}"


def _web(args: argparse.Namespace) -> str:
    from bot.instance import load_folder

    url = load_folder(args.instance).instance.city.url
    if not url:
        raise UsageError("city.yaml says no url; put the public address of the site there.")
    return f"{url.rstrip('/')}/chat?s={args.source}"
