"""The house rules that a tool can hold: sizes, words, dependencies, nothing of a machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "flows", "storage", "reports")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def rooms_code() -> list[Path]:
    found = tracked(*(f"{room}/**.py" for room in ROOMS))
    return [path for path in found if "migrations" not in path.parts]


def test_no_file_is_a_god_file() -> None:
    long = {p.name: n for p in rooms_code() if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = []
    for path in rooms_code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > 60:
                    long.append(f"{path.name}:{node.name} {lines}")
    assert long == []


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in rooms_code()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_there_is_no_utils() -> None:
    assert [p for p in rooms_code() if p.stem in {"utils", "helpers", "misc", "common"}] == []


def test_nothing_names_a_registry_or_a_path_of_a_machine() -> None:
    address = re.compile(r"https?://[^\s\"'<>]+(?:/simple/?|\.whl|\.tar\.gz|\.tgz)(?:[\s\"'#]|$)")
    machine = re.compile(r"(?<![\w.])/(?:work|farm|root)/[\w.]")
    found = []
    for path in tracked():
        if path.suffix in {".png", ".ttf", ".otf", ".pdf"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if address.search(text) or machine.search(text):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


@pytest.mark.parametrize("name", ["run", "build", "dev", "browser"])
def test_every_dependency_has_its_reason_and_its_hashes(name: str) -> None:
    wanted = [
        line.split("[")[0].strip()
        for line in (ROOT / f"requirements/{name}.in").read_text().splitlines()
        if line.strip() and not line.startswith(("#", "-c"))
    ]
    page = (ROOT / "docs/dependencies.md").read_text()
    pins = (ROOT / f"requirements/{name}.txt").read_text()
    assert [w for w in wanted if w not in page] == []
    assert [w for w in wanted if not re.search(rf"^{w}(\[.*\])?==\S+", pins, re.MULTILINE)] == []
    assert len(re.findall(r"^\S+==", pins, re.MULTILINE)) <= pins.count("--hash=sha256:")


def test_the_wheel_holds_the_four_rooms_and_their_data() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert 'packages = ["bot", "flows", "storage", "reports"]' in text
    for room in ROOMS:
        assert (ROOT / room / "py.typed").exists()


def test_the_readmes_name_only_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for readme in ("README.md", "README.en.md"):
        named = set(re.findall(r"^make ([a-z-]+)", (ROOT / readme).read_text(), re.MULTILINE))
        assert named
        assert named <= targets


def test_the_readmes_link_only_to_what_exists() -> None:
    for readme in ("README.md", "README.en.md"):
        text = (ROOT / readme).read_text()
        links = re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r'src="([^"]+)"', text)
        assert [link for link in links if not (ROOT / link).exists()] == []
