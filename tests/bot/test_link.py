"""`tertulia link`: the link, its QR code, and what the summary says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.support.cities import import_rows, read_json, small_city
from tests.support.telegram import BotApi, serving
from tests.telegram.town import TOKEN


def test_a_telegram_link_and_its_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["link", "telegram", "--source", "biblioteca-12", "--bot", "@villa_bot"]
    assert main([*asked, "--out", str(tmp_path / "posters")]) == 0
    link, png, svg = capsys.readouterr().out.splitlines()
    assert link == "https://t.me/villa_bot?start=biblioteca-12"
    assert Path(png).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert link in Path(svg).read_text(encoding="utf-8")


def test_the_name_is_asked_from_telegram_with_the_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_city(tmp_path / "city")
    api = BotApi()
    api.add_bot(TOKEN, "villa_ribera_bot")
    secrets = tmp_path / "city" / "secrets.env"
    asked = ["link", "telegram", "--source", "lyon", "--instance", str(tmp_path / "city")]
    with serving(api) as address:
        secrets.write_text(f"TELEGRAM_TOKEN={TOKEN}\nTELEGRAM_API={address}\n")
        secrets.chmod(0o600)
        assert main(asked) == 0
        assert "https://t.me/villa_ribera_bot?start=lyon" in capsys.readouterr().out
    assert main(asked) == 1
    assert "Name the bot with --bot." in capsys.readouterr().err


def test_a_whatsapp_link_opens_the_chat_with_the_words_that_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_city(tmp_path / "city")
    asked = ["link", "whatsapp", "--source", "lyon", "--instance", str(tmp_path / "city")]
    secrets = tmp_path / "city" / "secrets.env"
    assert main(asked) == 2
    assert "no WHATSAPP_NUMBER" in capsys.readouterr().err
    lines = ("TOKEN=x", "NUMBER_ID=1", "VERIFY_TOKEN=x", "APP_SECRET=" + "0f" * 16)
    secrets.write_text("".join(f"WHATSAPP_{x}\n" for x in (*lines, "NUMBER=+57 300 1234567")))
    secrets.chmod(0o600)
    assert main(asked) == 0
    link, png, _ = capsys.readouterr().out.splitlines()
    assert link == "https://wa.me/573001234567?text=PARTICIPAR%20lyon"
    assert Path(png).name == "link-whatsapp-lyon.png"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--source", "día de campo", "--bot", "villa_bot"], "is no source code"),
        (["--source", "x" * 41, "--bot", "villa_bot"], "at most 40"),
        (["--source", "x", "--bot", "no"], "is no bot's name"),
        (["--source", "x"], "no TELEGRAM_TOKEN in secrets.env"),
    ],
)
def test_what_cannot_be_a_link_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    assert main(["link", "telegram", "--instance", str(tmp_path), *options]) == 2
    assert says in capsys.readouterr().err


def test_the_summary_inside_says_how_many_came_by_each_link(
    tmp_path: Path, capsysbinary: Any
) -> None:
    city = small_city(tmp_path / "city")
    rows = [
        {"participant": f"p{n}", "question": "A15", "value": "4", "answered_at": "2026-11-10",
         "source": "biblioteca-12" if n < 3 else ("lyon" if n == 3 else "")}
        for n in range(6)
    ]  # fmt: skip
    assert import_rows(city, rows) == 0
    inside = read_json(capsysbinary, "summary", "--instance", str(city))
    assert inside["participation"]["by_source"] == [
        {"code": "biblioteca-12", "n": 3},
        {"code": "_unknown", "n": 2},
        {"code": "lyon", "n": 1},
    ]
    public = read_json(capsysbinary, "summary", "--instance", str(city), "--view", "public")
    assert "by_source" not in public["participation"]
