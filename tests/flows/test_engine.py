"""The conversation on the pure engine."""

from __future__ import annotations

import pytest

from flows.events import (
    AnswerCleared,
    AnswerRecorded,
    AnswerRejected,
    Completed,
    ConsentDeclined,
    ConsentGiven,
    Enter,
    Erase,
    OpenAnswersLink,
    PermissionsChanged,
    QuestionSkipped,
    SegmentsChanged,
    Silence,
    UnderAge,
)
from flows.inbound import Arrived, Edited, Missed, Pressed, Said, Unsupported
from flows.session import Stage
from tests.support.cities import Talker, bound


@pytest.fixture(scope="module")
def consultation() -> object:
    return bound()


@pytest.fixture
def talk(consultation: object) -> Talker:
    return Talker(consultation)  # type: ignore[arg-type]


def say(talk: Talker, *lines: str) -> str:
    message = None
    for line in lines:
        message = talk(Pressed(payload=line) if ":" in line else Said(text=line))
    return message.text if message else ""


def to_themes(talk: Talker) -> None:
    say(talk, "HOLA", "A00:SI", "1", "agua")


def to_end(talk: Talker, *, tie: str = "A01:RES") -> None:
    to_themes(talk)
    say(talk, "A10:AGU", "A10:!ok", "A15:2", "porque sí", tie)
    say(talk, "A05:FR" if tie in ("A01:EXT", "A01:FAM") else "1", "1 3")


def test_the_first_thing_anybody_sees_is_the_consent(talk: Talker) -> None:
    message = talk(Said(text="PARTICIPAR BIB12"))
    assert message is not None
    assert message.code == "A00"
    assert talk.session is not None
    assert talk.session.source == "BIB12"


def test_declining_keeps_nothing(talk: Talker) -> None:
    say(talk, "HOLA", "A00:NO")
    assert talk.events(ConsentDeclined)
    assert talk.answers == {}


def test_younger_than_the_minimum_ends_kindly_and_keeps_nothing(talk: Talker) -> None:
    assert "18" in say(talk, "HOLA", "A00:MEN")
    assert talk.events(UnderAge)
    assert talk.answers == {}


def test_the_consent_is_given_with_the_button_s_own_words(talk: Talker) -> None:
    say(talk, "HOLA", "18+ y acepto")
    assert talk.events(ConsentGiven)


def test_the_need_is_the_third_message_and_comes_before_any_list(talk: Talker) -> None:
    to_themes(talk)
    asked = [turn.messages[0].code for turn in talk.turns]
    assert asked == ["A00", "A02", "A13", "A10"]


@pytest.mark.parametrize("typed", ["2", "２", "2️⃣", "2.", "EN CONTRA", "en  contra!", "contra"])
def test_a_choice_is_read_from_number_word_or_label(talk: Talker, typed: str) -> None:
    to_themes(talk)
    say(talk, "A10:AGU", "A10:!ok", typed)
    assert talk.answers.get("A15") == ("2",) if typed != "contra" else not talk.events(Completed)


def test_several_numbers_answer_a_ranking_at_once_in_order(talk: Talker) -> None:
    to_themes(talk)
    message = talk.turns[-1].messages[0]
    third, first = message.replies[2].payload, message.replies[0].payload
    say(talk, "3 1")
    assert talk.answers["A10"] == (third.split(":")[1], first.split(":")[1])


def test_one_number_and_a_zero_is_one_theme_and_no_more(talk: Talker) -> None:
    to_themes(talk)
    first = talk.turns[-1].messages[0].replies[0].payload.partition(":")[2]
    say(talk, "1 0")
    assert talk.answers["A10"] == (first,)
    say(talk, "A15:2", "porque sí", "A01:RES", "1", "1 3 0")
    assert talk.answers["A22"] == ("RES", "CIT")


@pytest.mark.parametrize("typed", ["0 1", "1 1 0", "99 0", "1 2 3 4 0"])
def test_numbers_that_do_not_fit_choose_nothing(talk: Talker, typed: str) -> None:
    to_themes(talk)
    say(talk, typed)
    assert "A10" not in talk.answers


def test_after_one_theme_none_is_not_offered_and_dont_know_is_refused(talk: Talker) -> None:
    to_themes(talk)
    message = talk(Pressed(payload="A10:AGU"))
    assert message is not None
    assert "A10:NIN" not in {reply.payload for reply in message.replies}
    say(talk, "no sé")
    assert talk.events(AnswerRejected)[-1].reason == "dont_know_refused"


def test_a_second_press_removes_a_mark_and_a_typed_repeat_is_told(talk: Talker) -> None:
    to_themes(talk)
    say(talk, "A10:AGU")
    assert "ya está elegida" in say(talk, "Agua y saneamiento")
    say(talk, "A10:AGU", "A10:EMP", "A10:!ok")
    assert talk.answers["A10"] == ("EMP",)


def test_other_asks_for_its_words(talk: Talker) -> None:
    to_themes(talk)
    say(talk, "A10:OTR", "ferias", "A10:!ok")
    recorded = talk.events(AnswerRecorded)[-1]
    assert (recorded.values, recorded.other_text) == (("OTR",), "ferias")


def test_two_people_see_other_orders_and_store_the_same_codes(consultation: object) -> None:
    orders = set()
    for seed in range(4):
        talker = Talker(consultation)  # type: ignore[arg-type]
        talker.at += seed
        to_themes(talker)
        orders.add(tuple(r.payload for r in talker.turns[-1].messages[0].replies[:7]))
    assert {frozenset(order) for order in orders} == {frozenset(next(iter(orders)))}


def test_skip_is_counted_apart_from_dont_know(talk: Talker) -> None:
    to_themes(talk)
    say(talk, "SALTAR", "no sé")
    assert [e.question for e in talk.events(QuestionSkipped)] == ["A10"]
    assert talk.answers["A15"] == ("NS",)


def test_changing_an_answer_clears_what_it_makes_irrelevant(talk: Talker) -> None:
    to_themes(talk)
    say(talk, "A10:AGU", "A10:!ok", "A15:2", "porque sí", "ATRÁS", "ATRÁS", "no sé")
    assert [e.question for e in talk.events(AnswerCleared)] == ["A16"]


def test_pause_and_resume_after_days_go_on_where_it_was(talk: Talker) -> None:
    to_themes(talk)
    assert "pregunta 4 de" in say(talk, "PAUSA")
    talk.at += 5 * 86_400_000_000
    message = talk(Said(text="SEGUIR"))
    assert message is not None
    assert message.code == "A10"


def test_the_language_changes_midway_without_losing_answers(talk: Talker) -> None:
    to_themes(talk)
    say(talk, "LANGUE")
    message = talk(Said(text="Français"))
    assert message is not None
    assert "Quels sujets" in message.text
    assert talk.answers["A13"] == ("agua",)


def test_an_old_button_changes_nothing(talk: Talker) -> None:
    to_end(talk)
    before = talk.session
    assert "ya fue respondida" in say(talk, "A15:5")
    assert before is not None
    assert talk.session is not None
    assert talk.session.progress == before.progress


def test_the_receipt_does_not_depend_on_the_answers(consultation: object) -> None:
    receipts = set()
    for code in ("A15:1", "A15:5"):
        talker = Talker(consultation)  # type: ignore[arg-type]
        to_themes(talker)
        say(talker, "A10:AGU", "A10:!ok", code, "x", "A01:RES", "1", "A22:!ok")
        receipts.add(talker.events(Completed)[0].receipt)
    assert len(receipts) == 1


def test_permissions_are_what_was_marked_and_none_is_given_before(talk: Talker) -> None:
    to_end(talk)
    assert talk.events(PermissionsChanged)[-1].purposes == ("quote", "results")


def test_segments_follow_from_the_tie_and_the_country(talk: Talker) -> None:
    to_end(talk, tie="A01:EXT")
    values = talk.events(SegmentsChanged)[-1].values
    assert values["residence"] == "abroad"
    assert (values["country"], values["sector"], values["actor_type"]) == ("FR", "S1", "S1.6")


def test_an_emigrant_is_offered_the_registry_and_enters_only_by_a_yes(talk: Talker) -> None:
    to_end(talk, tie="A01:EXT")
    say(talk, "!more:no")
    assert talk.session is not None
    assert talk.session.progress["A"].stage is Stage.OFFERED
    say(talk, "!offer:B")
    assert talk.turns[-1].requests == (Enter(consultation="B"),)


def test_after_the_end_the_session_keeps_no_words_and_mis_gives_a_link(talk: Talker) -> None:
    to_end(talk)
    say(talk, "!more:no")
    assert talk.answers["A13"] == ("",)
    assert "https://city.example/mis/t" in say(talk, "MIS RESPUESTAS")
    assert talk.turns[-1].requests == (OpenAnswersLink(token="t"),)


def test_during_the_conversation_mis_lists_and_reopens_one(talk: Talker) -> None:
    to_themes(talk)
    assert "agua" in say(talk, "MIS RESPUESTAS")
    say(talk, "2", "luz")
    assert talk.answers["A13"] == ("luz",)
    assert talk.turns[-1].messages[0].code == "A10"


def test_erasing_asks_first_and_then_forgets(talk: Talker) -> None:
    to_end(talk)
    say(talk, "BORRAR", "no")
    assert talk.answers
    say(talk, "BORRAR", "sí")
    assert talk.turns[-1].requests == (Erase(),)
    assert talk.answers == {}


@pytest.mark.parametrize("word", ["BASTA", "STOP", "baja", "Cancelar", "salir"])
def test_stop_words_end_every_unasked_send(talk: Talker, word: str) -> None:
    to_themes(talk)
    say(talk, word)
    assert Silence() in talk.turns[-1].requests


def test_when_the_wave_is_closed_nothing_changes(talk: Talker) -> None:
    to_themes(talk)
    talk.is_open = False
    assert "cerró" in say(talk, "A10:AGU")
    assert "A10" not in talk.answers


def test_a_voice_note_gets_a_kind_word_and_the_question_again(talk: Talker) -> None:
    to_themes(talk)
    message = talk(Unsupported(kind="voice"))
    assert message is not None
    assert message.code == "A10"
    assert "sólo podemos leer texto" in message.text


def test_a_higher_age_in_the_country_told_later_is_asked_for(consultation: object) -> None:
    talker = Talker(consultation)  # type: ignore[arg-type]
    talker(Arrived(source="lyon"))
    assert talker.session is not None
    talker.session = type(talker.session)(
        **{
            **{f: getattr(talker.session, f) for f in talker.session.__struct_fields__},
            "country": "FR",
        }
    )
    say(talker, "A00:SI", "1", "agua", "A10:AGU", "A10:!ok", "A15:4", "x", "A01:EXT")
    assert "18" in say(talker, "A05:US")
    say(talker, "no")
    assert talker.events(UnderAge)
    assert Erase() in talker.turns[-1].requests


def test_what_the_city_does_is_told_with_cost_and_who_benefits(talk: Talker) -> None:
    to_themes(talk)
    said = say(talk, "QUÉ HACE")
    assert "180 M COP" in said
    assert "Beneficia" in said


def test_editing_the_message_that_answered_corrects_the_answer(talk: Talker) -> None:
    say(talk, "HOLA", "A00:SI", "1")
    talk(Said(text="agua sucia"), message_id=70)
    message = talk(Edited(text="agua limpia"), message_id=70)
    assert message is not None
    assert message.text.startswith("Su respuesta quedó corregida.")
    assert message.code == "A10"
    assert talk.answers["A13"] == ("agua limpia",)
    assert [e.values for e in talk.events(AnswerRecorded) if e.question == "A13"] == [
        ("agua sucia",),
        ("agua limpia",),
    ]


def test_editing_any_other_message_changes_nothing(talk: Talker) -> None:
    say(talk, "HOLA", "A00:SI", "1", "agua")
    before = dict(talk.answers)
    for message_id in (1, 2, 3, 99):
        message = talk(Edited(text="otra cosa"), message_id=message_id)
        assert message is not None
        assert message.text.startswith("Editar ese mensaje no cambia")
    assert talk.answers == before
    talk.is_open = False
    closed = talk(Edited(text="agua limpia"), message_id=4)
    assert closed is not None
    assert closed.code == "CERRADA"
    assert talk.answers == before


def test_after_a_gap_the_pending_question_is_asked_again(talk: Talker) -> None:
    assert talk(Missed()) is None
    say(talk, "HOLA", "A00:SI")
    message = talk(Missed())
    assert message is not None
    assert message.text.startswith("Estuvimos sin servicio")
    assert message.code == "A02"
    talk(Said(text="PAUSA"))
    assert talk(Missed()) is None


def test_after_the_end_a_gap_is_not_told(talk: Talker) -> None:
    to_end(talk)
    talk(Pressed(payload="!more:no"))
    assert talk(Missed()) is None


def reason_of(talk: Talker) -> tuple[str, ...] | None:
    assert talk.session is not None
    return talk.session.progress["A"].answers.get("A16")


def test_a_reason_does_not_change_sides_with_its_author(talk: Talker) -> None:
    to_themes(talk)
    say(talk, "1", "Terminar", "4", "me gusta", "MIS RESPUESTAS")
    talk(Pressed(payload="!edit:A15"))
    talk(Pressed(payload="A15:5"))
    assert reason_of(talk) == ("me gusta",)  # the same side: the reason stands
    say(talk, "MIS RESPUESTAS")
    talk(Pressed(payload="!edit:A15"))
    asked = talk(Pressed(payload="A15:1"))
    assert reason_of(talk) is None
    assert asked is not None
    assert asked.code == "A16"


@pytest.mark.parametrize(
    "typed",
    ["agua", "el agua", "l'eau", "migração", "agua, empleo", "jobs and water", "AGUA y paz"],
)
def test_themes_are_understood_by_their_words(talk: Talker, typed: str) -> None:
    to_themes(talk)
    asked = talk(Said(text=typed))
    assert asked is not None
    assert asked.text.startswith("No entendí") == (typed == "AGUA y paz")


@pytest.mark.parametrize("typed", ["no concordo", "no", "favor", "no me parece en contra"])
def test_words_that_could_mean_two_things_choose_nothing(talk: Talker, typed: str) -> None:
    to_themes(talk)
    say(talk, "1", "Terminar")
    assert "No entendí" in say(talk, typed)


def test_an_odd_reply_to_the_consent_does_not_bring_the_whole_wall_again(talk: Talker) -> None:
    whole = say(talk, "HOLA")
    asked = talk(Said(text="oi, tudo bem?"))
    assert asked is not None
    assert len(asked.text) < 200 < len(whole)
    assert [r.payload for r in asked.replies] == ["A00:SI", "A00:NO", "A00:MEN"]


def test_a_language_by_its_name_and_help_at_any_moment(talk: Talker) -> None:
    say(talk, "HOLA")
    assert "pergunta" in say(talk, "português")
    assert "PULAR" in say(talk, "ajuda")


def test_the_count_of_screens_is_the_one_that_the_consent_promised(talk: Talker) -> None:
    counts = []
    for line in (
        "HOLA",
        "1",
        "1",
        "agua",
        "A10:AGU",
        "A10:!ok",
        "A15:2",
        "no sé por qué",
        "1",
        "1",
    ):
        asked = talk(Pressed(payload=line) if ":" in line else Said(text=line))
        assert asked is not None
        counts.append((asked.step, asked.steps))
    assert {steps for _, steps in counts} == {9}
    assert counts[-1][0] == 9
