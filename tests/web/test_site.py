"""The web chat over real HTTP on loopback, with the real program in its own process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.serving import Server

pytestmark = pytest.mark.slow

CANARY = "CANARIO-7731 en mi barrio"


@pytest.fixture
def page(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", follow_redirects=True) as client:
        client.get("/chat")
        client.get((server.folder / "out/interno.url").read_text().strip())
        yield client


def send(page: httpx.Client, number: int, **said: str) -> httpx.Response:
    return page.post("/chat/send", content=json.dumps({"id": f"m{number}", **said}))


def heard(page: httpx.Client, count: int) -> list[str]:
    found: list[str] = []
    with page.stream("GET", "/chat/stream?after=0", timeout=10) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                found.append(json.loads(line[5:])["code"])
            if len(found) >= count:
                break
    return found


def test_a_chat_survives_a_kill_in_the_middle_of_a_question(
    server: Server, page: httpx.Client
) -> None:
    send(page, 1, arrive="afiche")
    send(page, 2, payload="A00:SI")
    server.kill()
    server.start()
    assert send(page, 2, payload="A00:SI").json()["outcome"] == "duplicate"
    assert send(page, 3, payload="A02:PER").json()["outcome"] == "applied"
    assert heard(page, 3) == ["A00", "A02", "A13"]


def test_no_answer_cookie_or_key_reaches_the_log_at_debug(
    server: Server, page: httpx.Client
) -> None:
    for number, text in enumerate(("HOLA", "1", "1", CANARY, "1", "Terminar", "2", CANARY)):
        send(page, number, text=text)
    page.get("/resumen")
    log = server.log.read_text()
    assert CANARY not in log
    assert page.cookies["tertulia_chat"] not in log


def test_another_site_cannot_speak_for_a_person(page: httpx.Client) -> None:
    body = json.dumps({"id": "x", "text": "HOLA"})
    foreign = {"origin": "https://elsewhere.example"}
    assert page.post("/chat/send", content=body, headers=foreign).status_code == 403


def test_a_body_that_is_too_large_or_unreadable_is_refused_or_kept_aside(
    page: httpx.Client,
) -> None:
    assert page.post("/chat/send", content=b"x" * 70_000).status_code == 413
    assert page.post("/chat/send", content=b"\xff{").json()["outcome"] == "quarantined"
    told = page.get("/livez").json()
    assert told["accepted"] == told["applied"] + told["ignored"] + told["quarantined"] == 1


def test_pages_ask_for_nothing_outside_themselves(page: httpx.Client) -> None:
    for path in ("/chat", "/resumen", "/interno", "/privacidad", "/guia"):
        answer = page.get(path)
        assert answer.status_code == 200
        links = re.findall(r'(?:src|href)="(https?:[^"]+)"', answer.text)
        assert links == []
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_commands_hand_their_work_to_the_running_process(server: Server) -> None:
    file = server.folder / "a.csv"
    file.write_text("participant,question,value\np1,A15,4\n", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "import-answers", "--instance", str(server.folder)]
    arguments = ["--consultation", "A", "--wave", "1", str(file)]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
    assert "1 responses" in done.stdout


def test_a_taken_port_is_one_sentence(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "bot", "init", str(other)], check=True)
    command = [sys.executable, "-m", "bot", "serve", "--instance", str(other)]
    done = subprocess.run(
        [*command, "--port", str(server.port)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is taken" in done.stderr


def test_the_one_time_link_opens_once_and_a_change_leaves_no_mark(
    server: Server, page: httpx.Client
) -> None:
    steps = ("A00:SI", "A02:PER")
    send(page, 0, text="HOLA")
    for number, payload in enumerate(steps, start=1):
        send(page, number, payload=payload)
    send(page, 10, text="agua")
    for number, payload in enumerate(("A10:AGU", "A10:!ok", "A15:2"), start=11):
        send(page, number, payload=payload)
    for number, text in enumerate(("porque", "1", "1", "0", "2", "MIS RESPUESTAS"), start=20):
        send(page, number, text=text)
    with page.stream("GET", "/chat/stream", timeout=10) as stream:
        last = next(line for line in stream.iter_lines() if line.startswith("data:"))
    link = re.search(r"/mis/[\w-]+", json.loads(last[5:])["text"])
    assert link is not None
    opened = page.post(link[0])
    assert page.post(link[0]).status_code == 410
    key = re.search(r'name="key" value="([\w-]+)"', opened.text)
    assert key is not None
    changed = page.post("/mis", data={"key": key[1], "question": "A15", "value-A15": "5"})
    assert "la razón que dio antes" in changed.text.lower()
    interno = page.get("/interno").text
    assert "porque" not in interno.split("en contra")[0]
    summary = page.get("/resumen.json").json()
    support = next(q for q in summary["questions"] if q["id"] == "A15")
    assert {c["code"]: c["n"] for c in support["choices"] if c["n"]} in ({"5": 1}, {"2": 1}, {})
    send(page, 40, text="SEGUIR")
    assert page.get("/livez").json()["quarantined"] == 0


def test_the_view_from_inside_asks_for_its_key(server: Server) -> None:
    address = f"http://127.0.0.1:{server.port}/interno"
    assert httpx.get(address).status_code == 403
    assert httpx.get(f"{address}?key=guessed").status_code == 403
    file = server.folder / "out/interno.url"
    assert file.stat().st_mode & 0o077 == 0
    opened = httpx.get(file.read_text().strip(), follow_redirects=True)
    assert (opened.status_code, opened.url.query) == (200, b"")
    assert file.read_text().partition("key=")[2].strip() not in server.log.read_text()


def test_a_page_that_does_not_exist_is_told_kindly(page: httpx.Client) -> None:
    answer = page.get("/nada", headers={"accept-language": "fr"})
    assert answer.status_code == 404
    assert "Cette page n&#39;existe pas" in answer.text


def test_the_guide_links_to_guides_that_open(page: httpx.Client) -> None:
    linked = re.findall(r'href="(guia-[a-z]+\.md)"', page.get("/guia").text)
    assert "guia-calendario.md" in linked
    assert {page.get(f"/{name}").status_code for name in linked} == {200}
    assert page.get("/guia-..%2f..%2fsecrets.md").status_code == 404
