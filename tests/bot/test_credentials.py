"""secrets.env: what is refused, in which words, and that it never shows itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from bot.credentials import load_credentials
from bot.errors import InstanceError
from bot.instance import make_folder

TOKEN = "123456:" + "a" * 35
OTHER = "654321:" + "b" * 35


WHATSAPP = (
    "WHATSAPP_TOKEN=EAACANARYTOKEN\nWHATSAPP_NUMBER_ID=106540352242922\n"
    "WHATSAPP_VERIFY_TOKEN=canary-word\n"
)
APP_SECRET = "WHATSAPP_APP_SECRET=" + "0f" * 16


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
        (WHATSAPP, "WhatsApp needs WHATSAPP_APP_SECRET"),
        (WHATSAPP + "WHATSAPP_APP_SECRET=", "WhatsApp needs WHATSAPP_APP_SECRET"),
        (WHATSAPP + "WHATSAPP_APP_SECRET=short", "is no app secret"),
        (APP_SECRET, "WhatsApp needs WHATSAPP_TOKEN"),
        (f"{WHATSAPP}{APP_SECRET}\nWHATSAPP_NUMBER=call me", "is no number"),
        (f"{WHATSAPP}{APP_SECRET}\nWHATSAPP_DAILY_PEOPLE=many", "digits only"),
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
    assert "canary" not in str(raised.value).lower()


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="chmod 600"):
        load(tmp_path, f"TELEGRAM_TOKEN={TOKEN}", 0o644)


def test_without_a_file_nothing_is_configured(tmp_path: Path) -> None:
    assert load_credentials(tmp_path).telegram is None


def test_credentials_do_not_print_themselves(tmp_path: Path) -> None:
    found = load(tmp_path, f"TELEGRAM_TOKEN='{TOKEN}'\nDESK_TOKEN={OTHER}\n")
    assert TOKEN not in repr(found)
    assert OTHER not in repr(found)


def test_whatsapp_is_read_and_does_not_print_itself(tmp_path: Path) -> None:
    found = load(tmp_path, f"{WHATSAPP}{APP_SECRET}\nWHATSAPP_NUMBER=+57 300 123-4567\n")
    assert found.whatsapp is not None  # type: ignore[attr-defined]
    assert found.whatsapp.number == "573001234567"  # type: ignore[attr-defined]
    assert found.whatsapp.daily_people == 250  # type: ignore[attr-defined]
    assert "CANARY" not in repr(found)


def test_serve_does_not_start_without_an_app_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(tmp_path / "city")
    secrets = tmp_path / "city" / "secrets.env"
    secrets.write_text(WHATSAPP)
    assert main(["serve", "--instance", str(tmp_path / "city")]) != 0
    assert "WhatsApp needs WHATSAPP_APP_SECRET" in capsys.readouterr().err
