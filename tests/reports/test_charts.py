"""Charts: every figure is in the text beside it, both sides get the same space, any text draws."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts import (
    Bar,
    Cell,
    HeatRow,
    Line,
    Opinion,
    Place,
    ScaleWords,
    bars,
    diverging,
    dots,
    heat,
    render_chart,
    slope,
)
from reports.typesetting import ACCESSIBLE, NO_GLYPH, drawable, is_drawn, typeset

HOSTILE = json.loads(
    (Path(__file__).parents[1] / "data" / "hostile_strings.json").read_text(encoding="utf-8")
)
WORDS = ScaleWords(
    legend=("Muy en contra", "En contra", "Ni", "A favor", "Muy a favor"),
    against="en contra",
    favour="a favor",
    neutral="ni una ni otra",
    base="n",
)
TOTAL = Opinion(
    label="Total",
    shares=(0.1, 0.2, 0.2, 0.3, 0.2),
    texts=("10,0", "20,0", "20,0", "30,0", "20,0"),
    against="30,0%",
    favour="50,0%",
    neutral="20,0%",
    base="300",
)
CHARTS = {
    "bars": bars("Temas", [Bar(label="Agua", share=0.5, value="12", low=0.4, high=0.6)]),
    "diverging": diverging(
        "Apoyo", [TOTAL, Opinion(label="S2", hidden=True, note="oculto")], WORDS
    ),
    "slope": slope(
        "Cambio",
        [Line(label="A favor", start=0.71, end=0.56, start_text="71,4%", end_text="55,6%")],
        "Ola 1",
        "Ola 2",
    ),
    "heat": heat(
        "Actores",
        [HeatRow(label="S1", value="7", cells=(Cell(label="ONG", value="7", state="covered"),))],
        [("covered", "cubierto")],
    ),
    "dots": dots("Países", [Place(code="ES", name="España", n=9, shown="9")], ("CO", "Villa")),
}


@pytest.mark.parametrize("name", CHARTS)
def test_one_source_gives_a_picture_for_the_page_and_for_the_chat(name: str) -> None:
    svg = render_chart(CHARTS[name], "es", kind="svg")
    assert ElementTree.fromstring(svg.decode()).tag.endswith("svg")
    assert render_chart(CHARTS[name], "es", kind="png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("bars", ("Agua: 12",)),
        ("diverging", ("30,0%", "50,0%", "20,0%", "300", "S2: oculto")),
        ("slope", ("71,4% → 55,6%", "Ola 1 → Ola 2")),
        ("heat", ("ONG 7",)),
        ("dots", ("España: 9",)),
    ],
)
def test_the_text_for_a_screen_reader_holds_every_figure(
    name: str, figures: tuple[str, ...]
) -> None:
    assert [f for f in figures if f not in CHARTS[name]["alt"]] == []


def test_both_sides_of_a_scale_share_one_scale_whichever_is_longer() -> None:
    mirrored = Opinion(label="x", shares=TOTAL.shares[::-1], texts=TOTAL.texts)
    one, other = diverging("a", [TOTAL], WORDS), diverging("a", [mirrored], WORDS)
    assert one["most"] == other["most"] == 0.5


def test_labels_of_a_map_cover_neither_each_other_nor_a_dot() -> None:
    near = ("FR", "DE", "BE", "NL", "CH", "LU", "ES", "PT", "GB", "IT", "AT", "CZ", "PL", "DK")
    chart = dots("x", [Place(code=c, name=c * 5, n=9, shown="9") for c in near])
    assert len(chart["dots"]) == len(near)
    boxes = [
        (d["x"], d["y"] - 17, d["x"] + len(d["text"]) * 18, d["y"] + 17) for d in chart["labels"]
    ]
    boxes += [
        (d["x"] - d["r"], d["y"] - d["r"], d["x"] + d["r"], d["y"] + d["r"]) for d in chart["dots"]
    ]
    labels = len(chart["labels"])
    assert 0 < labels < len(near)
    for at, a in enumerate(boxes[:labels]):
        for b in boxes[at + 1 :]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def test_every_code_point_that_is_promised_is_drawn() -> None:
    promised = [chr(c) for c in range(32, 0x1FFFF) if is_drawn(c)]
    assert len(promised) > 3_000
    typeset("single.typ", _quoting(" ".join(promised)), format="pdf", pdf_standards=[ACCESSIBLE])


def test_the_four_languages_and_emoji_have_their_letters() -> None:
    text = "áéíóúñüçãõâêôàèùîïëœÿÇŒ¿¡«»“”‘’…–—€·º😀👍🌊🏘❤"
    assert NO_GLYPH not in drawable(text)


@pytest.mark.parametrize("group", HOSTILE)
def test_hostile_strings_stop_no_chart(group: str) -> None:
    text = " ".join(HOSTILE[group])
    typeset("single.typ", _quoting(text), format="pdf", pdf_standards=[ACCESSIBLE])


@given(st.text(max_size=60))
@settings(max_examples=25, deadline=None)
def test_no_text_stops_a_chart(text: str) -> None:
    typeset("single.typ", _quoting(text), format="pdf", pdf_standards=[ACCESSIBLE])


def _quoting(text: str) -> dict[str, object]:
    chart = bars("x", [Bar(label=text, share=0.5, value="1")])
    return {"lang": "es", "title": "x", "width": 170, "chart": chart}
