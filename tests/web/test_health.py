"""Whoever watches the service: ready means that it can commit, and no number is about a person."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.cli import main
from tests.support.serving import Server

pytestmark = pytest.mark.slow

CANARY = "CANARY-4417"
EXPECTED = {
    "inbox_accepted", "inbox_duplicates", "updates_applied", "quarantine_size",
    "outbox_oldest_seconds", "send", "ack_seconds", "e2e_reply_seconds", "gap_seconds",
    "erasure_due_seconds", "audit_head_age_seconds", "records_writable",
}  # fmt: skip


def _when_sent(page: httpx.Client, messages: int) -> str:
    """The numbers, as soon as so many messages went out."""
    text = ""
    for _ in range(200):
        text = page.get("/metrics").text
        if f'send_total{{channel="web",result="sent"}} {messages}.0' in text:
            break
        time.sleep(0.05)
    return text


def test_the_watcher_sees_what_happens_and_nobody(server: Server) -> None:
    base = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=base, cookies={"tertulia_chat": f"{CANARY}-0000000000"}) as page:
        for number, text in ((1, "HOLA"), (2, CANARY), (2, CANARY)):
            page.post("/chat/send", content=json.dumps({"id": f"m{number}", "text": text}))
        page.post("/chat/send", content=b"\xff")
        ready = page.get("/readyz")
        exposed = _when_sent(page, 2)
        foreign = page.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (ready.status_code, ready.json()) == (200, {"ready": True})
    assert foreign.status_code == 403
    families = {f.name: f for f in text_string_to_metric_families(exposed)}
    assert families.keys() == EXPECTED
    labels = {(k, v) for f in families.values() for s in f.samples for k, v in s.labels.items()}
    assert {k for k, _ in labels} <= {"channel", "outcome", "prio", "result", "le"}
    assert CANARY not in exposed
    values = {(s.name, *s.labels.values()): s.value for f in families.values() for s in f.samples}
    assert values["inbox_accepted_total", "web"] == 3
    assert values["inbox_duplicates_total",] == 1
    assert values["updates_applied_total", "quarantined"] == values["quarantine_size",] == 1
    assert values["send_total", "web", "sent"] == values["e2e_reply_seconds_count",] == 2


def test_it_ends_in_good_order_when_asked_and_has_kept_everything(
    server: Server,
) -> None:
    base = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=base) as page, httpx.Client(base_url=base) as other:
        page.get("/chat")
        said = json.dumps({"id": "m1", "text": "HOLA"})
        assert page.post("/chat/send", content=said).status_code == 200
        with other.stream("GET", "/livez"):
            assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()
    assert main(["verify", "--instance", str(server.folder)]) == 0
    server.start()
