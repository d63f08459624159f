"""What people see before they write: commands, description and name, in four languages."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from aiogram import Bot
from aiogram.types import BotCommand

from bot.channels.telegram.channel import told
from flows.binding import BoundConsultation
from flows.cleaning import fold
from flows.languages import LANGUAGES

COMMANDS = (
    "participar", "mis", "pausa", "seguir", "atras", "saltar", "resultados", "compromisos",
    "que_hace", "idioma", "ayuda", "persona", "borrar", "basta",
)  # fmt: skip
"""The conversation's words that Telegram lists, in this order."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One language's profile. `language` is empty for people of any other language."""

    language: str
    commands: tuple[tuple[str, str], ...]
    description: str
    short_description: str


def profiles(bound: BoundConsultation) -> tuple[Profile, ...]:
    """The default in the city's first language, then each of the four."""
    first = bound.offered_languages[0]
    return tuple(_profile(bound, code, code or first) for code in ("", *LANGUAGES))


def _profile(bound: BoundConsultation, code: str, language: str) -> Profile:
    words = bound.instance.words.keywords
    return Profile(
        language=code,
        commands=tuple(
            (
                fold(words[name][language][0]).replace(" ", "_"),
                bound.word(f"ORDEN_{name.upper()}", language),
            )
            for name in COMMANDS
        ),
        description=bound.word("BOT_DESCRIPCION", language),
        short_description=bound.word("BOT_BREVE", language),
    )


def fingerprint(bot_id: int, wanted: tuple[Profile, ...]) -> str:
    """Names a bot's profile, so that it is set once and not at every start."""
    return f"telegram/profile/{bot_id}/{sha256(repr(wanted).encode()).hexdigest()[:16]}"


async def set_profiles(bot: Bot, wanted: tuple[Profile, ...]) -> None:
    """Set everything. Raises ChannelError."""
    for profile in wanted:
        code = profile.language or None
        listed = [BotCommand(command=name, description=says) for name, says in profile.commands]
        await told(bot.set_my_commands(listed, language_code=code))
        await told(bot.set_my_description(profile.description, language_code=code))
        await told(bot.set_my_short_description(profile.short_description, language_code=code))
