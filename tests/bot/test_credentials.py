"""secrets.env: what is refused, in which words, and that it never shows itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.credentials import load_credentials
from bot.errors import InstanceError

TOKEN = "123456:" + "a" * 35
OTHER = "654321:" + "b" * 35


def load(folder: Path, text: str, mode: int = 0o600) -> object:
    file = folder / "secrets.env"
    file.write_text(text)
    file.chmod(mode)
    return load_credentials(folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"TELEGRAM_TOKEN={TOKEN}\nTELEGRAM_WEBHOOK_URL=https://x.example", "WEBHOOK_SECRET"),
        (
            (
                f"TELEGRAM_TOKEN={TOKEN}\nTELEGRAM_WEBHOOK_URL=https://x.example\n"
                "TELEGRAM_WEBHOOK_SECRET=short"
            ),
            "at least 16",
        ),
        ("TELEGRAM_TOKEN=nonsense", "is no token"),
        (f"TELEGRAM_TOKEN={TOKEN}\nDESK_TOKEN={TOKEN}", "a second bot"),
        ("TELEGRAM_TOKN=x", "line 1"),
        ("\n# fine\nwhat is this", "line 3"),
        ("SMTP_HOST=mail.example", "MAIL_FROM"),
        ("SMTP_HOST=m\nMAIL_FROM=a@b\nMAIL_TO=c@d\nSMTP_SECURITY=maybe", "starttls, tls or none"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_without_the_secret(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(InstanceError) as raised:
        load(tmp_path, text)
    assert says in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="chmod 600"):
        load(tmp_path, f"TELEGRAM_TOKEN={TOKEN}", 0o644)


def test_without_a_file_nothing_is_configured(tmp_path: Path) -> None:
    assert load_credentials(tmp_path).telegram is None


def test_credentials_do_not_print_themselves(tmp_path: Path) -> None:
    found = load(tmp_path, f"TELEGRAM_TOKEN='{TOKEN}'\nDESK_TOKEN={OTHER}\n")
    assert TOKEN not in repr(found)
    assert OTHER not in repr(found)
