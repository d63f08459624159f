"""`simulate`: random people on a definition, before it opens."""

from __future__ import annotations

import pytest

from bot.cli import main


def test_everybody_comes_to_the_end_and_the_same_seed_says_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = []
    for _ in range(2):
        assert main(["simulate", "A", "--people", "60", "--seed", "3"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "never came to the end      0" in printed[0]
    assert "A00      100.0%" in printed[0]
    emigrants = next(line for line in printed[0].splitlines() if line.startswith("    A04"))
    assert not emigrants.endswith("100.0%")


def test_an_unknown_consultation_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "Z9"]) == 2
    assert "Z9" in capsys.readouterr().err
