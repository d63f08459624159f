"""`secrets.env` of an instance folder: tokens and passwords, readable by the owner only.

Lines of NAME=value; `#` begins a comment. Nothing of it is ever printed.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import InstanceError

FILE = "secrets.env"
TOKEN = re.compile(r"\d{3,16}:[A-Za-z0-9_-]{20,64}")
SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
"""Telegram takes 1 to 256 of these; fewer than 16 could be guessed."""
HEX = re.compile(r"[0-9a-f]{32}")
PHONE = re.compile(r"[1-9]\d{7,14}")
API = "https://api.telegram.org"
GRAPH = "https://graph.facebook.com/v23.0"
DAILY_PEOPLE = 250
"""New people a day outside a conversation: Meta's first level (messaging-limits page, 2026)."""
NAMES = (
    "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET", "TELEGRAM_API",
    "WHATSAPP_TOKEN", "WHATSAPP_NUMBER_ID", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_NUMBER", "WHATSAPP_DAILY_PEOPLE", "WHATSAPP_API",
    "DESK_TOKEN", "SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_SECURITY",
    "MAIL_FROM", "MAIL_TO",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TelegramAccess:
    """The citizens' bot. With a webhook URL updates are pushed, without one they are polled."""

    token: str
    api: str = API
    webhook_url: str = ""
    webhook_secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WhatsAppAccess:
    """The city's number on Meta's Cloud API. `number` is for links, `number_id` for calls.

    `daily_people`: how many new people a day Meta lets the city write to (0: no limit).
    """

    token: str
    number_id: str
    app_secret: str
    verify_token: str
    number: str = ""
    daily_people: int = DAILY_PEOPLE
    api: str = GRAPH


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DeskAccess:
    """The officials' bot, another one than the citizens'."""

    token: str
    api: str = API


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MailAccess:
    """Where the summary is sent by e-mail. `security`: `starttls`, `tls` or `none`."""

    host: str
    port: int
    security: str
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """What the folder can connect to; None where nothing is configured."""

    telegram: TelegramAccess | None = None
    whatsapp: WhatsAppAccess | None = None
    desk: DeskAccess | None = None
    mail: MailAccess | None = None


def load_credentials(folder: Path) -> Credentials:
    """Read secrets.env, if there is one. Raises InstanceError with the line to mend."""
    file = folder / FILE
    if not file.is_file():
        return Credentials()
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InstanceError(f"{FILE} can be read by others. Run: chmod 600 {FILE}")
    try:
        values = _values(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise InstanceError(f"{FILE} cannot be read.") from problem
    found = Credentials(
        telegram=_telegram(values),
        whatsapp=_whatsapp(values),
        desk=_desk(values),
        mail=_mail(values),
    )
    if found.telegram and found.desk and found.telegram.token == found.desk.token:
        raise InstanceError(
            f"{FILE}: DESK_TOKEN is the citizens' token. Make a second bot with BotFather: "
            "the citizens' token must open nothing of the officials'."
        )
    return found


def _values(text: str) -> dict[str, str]:
    values = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not equals or name.strip() not in NAMES:
            known = ", ".join(NAMES)
            raise InstanceError(f"{FILE}, line {number}: write NAME=value. Names: {known}.")
        values[name.strip()] = value.strip().strip("'\"")
    return {name: value for name, value in values.items() if value}


def _token(values: dict[str, str], name: str) -> str:
    if not TOKEN.fullmatch(values[name]):
        raise InstanceError(f"{FILE}: {name} is no token; it looks like 123456:ABC… .")
    return values[name]


def _telegram(values: dict[str, str]) -> TelegramAccess | None:
    if "TELEGRAM_TOKEN" not in values:
        return None
    url = values.get("TELEGRAM_WEBHOOK_URL", "")
    secret = values.get("TELEGRAM_WEBHOOK_SECRET", "")
    if url and not SECRET.fullmatch(secret):
        raise InstanceError(
            f"{FILE}: a webhook needs TELEGRAM_WEBHOOK_SECRET, at least 16 letters and digits; "
            "without it anybody could speak as anybody. "
            "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if url and not urlsplit(url).hostname:
        raise InstanceError(f"{FILE}: TELEGRAM_WEBHOOK_URL is no address.")
    return TelegramAccess(
        token=_token(values, "TELEGRAM_TOKEN"),
        api=values.get("TELEGRAM_API", API),
        webhook_url=url,
        webhook_secret=secret,
    )


def _whatsapp(values: dict[str, str]) -> WhatsAppAccess | None:
    if not any(name.startswith("WHATSAPP_") for name in values):
        return None
    for name, what in (
        ("WHATSAPP_TOKEN", "the system user's token"),
        ("WHATSAPP_NUMBER_ID", "the number's id at Meta, digits"),
        ("WHATSAPP_APP_SECRET", "the app's secret; without it anybody could speak as anybody"),
        ("WHATSAPP_VERIFY_TOKEN", "a word that you also give to Meta with the webhook's address"),
    ):
        if name not in values:
            raise InstanceError(f"{FILE}: WhatsApp needs {name}: {what}.")
    people = values.get("WHATSAPP_DAILY_PEOPLE", str(DAILY_PEOPLE))
    if not people.isdigit() or not values["WHATSAPP_NUMBER_ID"].isdigit():
        raise InstanceError(
            f"{FILE}: WHATSAPP_NUMBER_ID and WHATSAPP_DAILY_PEOPLE are written with digits only."
        )
    if not HEX.fullmatch(values["WHATSAPP_APP_SECRET"]):
        raise InstanceError(
            f"{FILE}: WHATSAPP_APP_SECRET is no app secret: 32 characters, 0-9 and a-f. It is "
            "under App settings, Basic."
        )
    number = re.sub(r"[ +().-]", "", values.get("WHATSAPP_NUMBER", ""))
    if number and not PHONE.fullmatch(number):
        raise InstanceError(f"{FILE}: WHATSAPP_NUMBER is no number with its country code.")
    return WhatsAppAccess(
        token=values["WHATSAPP_TOKEN"],
        number_id=values["WHATSAPP_NUMBER_ID"],
        app_secret=values["WHATSAPP_APP_SECRET"],
        verify_token=values["WHATSAPP_VERIFY_TOKEN"],
        number=number,
        daily_people=int(people),
        api=values.get("WHATSAPP_API", GRAPH),
    )


def _desk(values: dict[str, str]) -> DeskAccess | None:
    if "DESK_TOKEN" not in values:
        return None
    return DeskAccess(token=_token(values, "DESK_TOKEN"), api=values.get("TELEGRAM_API", API))


def _mail(values: dict[str, str]) -> MailAccess | None:
    if "SMTP_HOST" not in values:
        return None
    recipients = tuple(a.strip() for a in values.get("MAIL_TO", "").split(",") if a.strip())
    security, port = values.get("SMTP_SECURITY", "starttls"), values.get("SMTP_PORT", "587")
    if not recipients or "MAIL_FROM" not in values:
        raise InstanceError(f"{FILE}: SMTP_HOST needs MAIL_FROM and MAIL_TO as well.")
    if security not in ("starttls", "tls", "none") or not port.isdigit():
        raise InstanceError(f"{FILE}: SMTP_SECURITY is starttls, tls or none; SMTP_PORT a number.")
    return MailAccess(
        host=values["SMTP_HOST"],
        port=int(port),
        security=security,
        sender=values["MAIL_FROM"],
        recipients=recipients,
        user=values.get("SMTP_USER", ""),
        password=values.get("SMTP_PASSWORD", ""),
    )
