"""What we post: every message of every path in Meta's form; what Meta refuses is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.whatsapp import payloads, templates
from bot.errors import InstanceError
from bot.instance import load_folder, make_folder
from flows.inbound import Arrived, Body, Pressed, Said, Unsupported
from flows.messages import InputKind, Message, QuickReply
from tests.support.cities import Talker, bound
from tests.support.whatsapp.rules import refusals
from tests.support.whatsapp.specification import faults, validator

DATA = Path(__file__).parents[1] / "data" / "whatsapp" / "meta_messages_out.json"
USER, PHONE = "CO.10000000000000001001", "573000001001"
TO = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE}


def message(count: int, label: str = "Una opción", **more: Any) -> Message:
    replies = tuple(
        QuickReply(payload=f"Q:{n}", label=f"{label} {n}", number=n) for n in range(1, count + 1)
    )
    given = {"input": InputKind.CHOICE, "list_label": "Ver opciones", **more}
    return Message(**{"text": "¿Cuál?", "language": "es", "code": "Q", "replies": replies} | given)


def posted(said: Message, address: str = f"{USER} {PHONE}") -> list[dict[str, Any]]:
    head = payloads.addressed(address) | payloads.carrying(7)
    return [head | payloads.content(part) for part in payloads.split(said)]


def kind(said: Message) -> str:
    (payload,) = posted(said)
    return str(payload.get("interactive", payload)["type"])


def test_metas_own_examples_are_valid_after_the_repairs() -> None:
    examples = json.loads(DATA.read_text(encoding="utf-8"))
    assert len(examples) == 50
    text = DATA.read_text(encoding="utf-8").replace("<HEADER_TYPE>", "text")  # a placeholder
    assert [n for n, x in json.loads(text).items() if not validator().is_valid(x)] == []


@pytest.mark.parametrize(
    ("count", "label", "expected"),
    [(2, "Corta", "button"), (3, "Corta", "button"), (3, "Una opción más larga", "list"),
     (4, "Corta", "list"), (10, "Corta", "list"), (11, "Corta", "text"), (60, "Corta", "text")],
)  # fmt: skip
def test_the_shape_follows_the_number_and_length_of_the_choices(
    count: int, label: str, expected: str
) -> None:
    said = message(count, label)
    assert kind(said) == expected
    assert [refusals(payload) for payload in posted(said)] == [[]]
    if expected == "text":
        assert f"{count}. {label} {count}" in posted(said)[0]["text"]["body"]


def test_buttons_with_the_same_words_become_numbers() -> None:
    alike = tuple(QuickReply(payload=f"Q:{n}", label="Sí", number=n) for n in (1, 2))
    assert kind(message(0, replies=alike)) == "text"


def test_a_long_text_above_choices_stays_one_bubble_with_numbers() -> None:
    said = message(3, text="palabra " * 200)
    assert kind(said) == "text"
    assert posted(said)[0]["text"]["body"].endswith("3. Una opción 3")


def test_what_is_longer_than_a_bubble_goes_in_several_and_nothing_is_left_out() -> None:
    said = message(300, "Una vereda con nombre largo")
    bodies = [payload["text"]["body"] for payload in posted(said)]
    assert len(bodies) > 1
    assert [n for n in range(1, 301) if f"{n}. Una" not in "\n".join(bodies)] == []
    assert [refusals(payload) for payload in posted(said)] == [[]] * len(bodies)


def test_an_empty_text_is_never_posted() -> None:
    assert [refusals(payload) for payload in posted(message(0, text="  "))] == [[]]


def test_the_business_scoped_id_goes_first_and_the_number_where_it_must() -> None:
    both = f"{USER} {PHONE}"
    assert payloads.addressed(both)["recipient"] == USER
    assert payloads.addressed(both, by_phone=True)["to"] == PHONE
    assert payloads.addressed(USER, by_phone=True)["recipient"] == USER
    assert payloads.addressed(PHONE)["to"] == PHONE


def spoken(language: str) -> Iterator[Message]:
    """Every message on a path that meets every kind of question."""
    talker = Talker(bound(), language)
    said: list[Body] = [
        Arrived(), Said(text="IDIOMA"), Pressed(payload=f"!lang:{language}"), Said(text="1"),
        Unsupported(kind="audio"), Said(text="2"), Said(text="SALTAR"), Pressed(payload="A10:AGU"),
        Said(text="MIS RESPUESTAS"), Said(text="0"), Said(text="4"), Said(text="x"),
        Said(text="1"), Said(text="1"), Said(text="1"), Said(text="1 0"), Said(text="BORRAR"),
        Said(text="2"), Said(text="RESULTADOS"), Said(text="PERSONA"), Said(text="QUE HACE"),
    ]  # fmt: skip
    for body in said:
        told = talker(body)
        if told is not None:
            yield told
    more = Talker(bound("B"), language)
    for body in [Arrived(), *[Said(text="1")] * 30]:
        told = more(body)
        if told is not None:
            yield told


@pytest.mark.parametrize("language", ["es", "pt", "fr", "en"])
def test_everything_the_conversation_says_is_taken_by_the_platform(language: str) -> None:
    said = list(spoken(language))
    assert len(said) > 20
    wrong = {m.code: refusals(p) for m in said for p in posted(m) if refusals(p)}
    assert wrong == {}


def rows(count: int, **row: str) -> dict[str, Any]:
    listed = [{"id": f"r{n}", "title": f"Fila {n}"} | row for n in range(count)]
    middle = count // 2
    parts = [{"title": "A", "rows": listed[:middle]}, {"title": "B", "rows": listed[middle:]}]
    action = {"button": "Ver", "sections": parts}
    return {"type": "list", "body": {"text": "¿Cuál?"}, "action": action}


def buttons(*pairs: tuple[str, str]) -> dict[str, Any]:
    listed = [{"type": "reply", "reply": {"id": i, "title": title}} for i, title in pairs]
    return {"type": "button", "body": {"text": "¿Cuál?"}, "action": {"buttons": listed}}


REFUSED = {
    "12 rows in 2 sections": rows(12),
    "the same row id twice": rows(4, id="r"),
    "a row's title too long": rows(4, title="x" * 25),
    "a description too long": rows(4, description="x" * 73),
    "an empty row's title": rows(4, title=" "),
    "four buttons": buttons(*[(str(n), str(n)) for n in range(4)]),
    "the same button id twice": buttons(("a", "Sí"), ("a", "No")),
    "the same button title twice": buttons(("a", "Sí"), ("b", "Sí")),
    "a button's title too long": buttons(("a", "x" * 21)),
    "an empty button's title": buttons(("a", "")),
    "a body too long": buttons(("a", "Sí")) | {"body": {"text": "x" * 1025}},
    "a body of emojis too long": buttons(("a", "Sí")) | {"body": {"text": "🌍" * 600}},
    "an empty body": buttons(("a", "Sí")) | {"body": {"text": ""}},
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_the_loopback_refuses_what_meta_refuses(what: str) -> None:
    assert refusals({**TO, "type": "interactive", "interactive": REFUSED[what]}) != []


@pytest.mark.parametrize("body", ["", "  ", "x" * 4097])
def test_the_loopback_refuses_empty_and_endless_texts(body: str) -> None:
    assert refusals({**TO, "type": "text", "text": {"body": body}}) != []


def test_the_schema_alone_lets_some_of_them_pass() -> None:
    """Why the loopback has rules of its own: Meta's schema counts rows by section."""
    assert faults({**TO, "type": "interactive", "interactive": rows(12)}) == []


# -- approved texts --------------------------------------------------------------------------

APPROVED = """
templates:
  INVITACION:
    name: tertulia_invitacion
    category: marketing
    languages: {es: es, pt: pt_BR}
    text: true
    buttons: 2
"""


def test_an_approved_text_in_the_persons_language_and_in_no_other(tmp_path: Path) -> None:
    (tmp_path / "whatsapp.yaml").write_text(APPROVED, encoding="utf-8")
    approved = templates.load_templates(tmp_path)
    said = message(2, code="INVITACION", text="Hay una nueva\n\nronda\tabierta", language="pt")
    found = templates.find_template(approved, said)
    assert found is not None
    payload = {**TO, **templates.content(found, said)}
    assert faults(payload) == []
    assert payload["template"]["language"]["code"] == "pt_BR"
    (body, *replies) = payload["template"]["components"]
    assert body["parameters"][0]["text"] == "Hay una nueva ronda abierta"
    assert [r["parameters"][0]["payload"] for r in replies] == ["Q:1", "Q:2"]
    for other in (message(2, code="INVITACION", language="fr"), message(2, code="OTRA")):
        assert templates.find_template(approved, other) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x", "write «templates:»"),
        ("templates: {I: {name: 'Mal Nombre'}}", "«name» is"),
        ("templates: {I: {name: a, category: other}}", "«category» is one of"),
        ("templates: {I: {name: a, category: utility, languages: {de: de}}}", "«languages» gives"),
        (
            "templates: {I: {name: a, category: utility, languages: {es: es}, buttons: 11}}",
            "0 to 10",
        ),
        (": :", "as YAML"),
    ],
)
def test_a_mistake_in_whatsapp_yaml_is_told_with_its_place(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "whatsapp.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InstanceError) as raised:
        templates.load_templates(tmp_path)
    assert says in str(raised.value)


def test_a_new_folder_has_no_approved_text(tmp_path: Path) -> None:
    make_folder(tmp_path / "city")
    assert templates.load_templates(load_folder(tmp_path / "city").path) == {}
