"""A consultation bound to its city: texts filled in, choices materialised, look-ups ready.

Binding happens once, at the start of the program; the engine only reads. Placeholders that
depend on the person or the moment ({recibo}, {n}, {edad_minima}, {fecha_cierre}…) stay in the
texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flows.city import Instance
from flows.cleaning import fold
from flows.consultation import (
    DONT_KNOW,
    Choice,
    ChoicesFrom,
    Consultation,
    Part,
    Question,
    QuestionType,
    Wave,
)
from flows.keywords import keyword_table
from flows.languages import LANGUAGES, LocalText, in_language
from flows.limits import LIST_ROWS

MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
Fills = Mapping[str, Mapping[str, str]]
"""Per language: placeholder to its words."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
NO_ORGANISATION = frozenset({"S1.1", "S1.5", "S1.6"})
"""Actor types that are persons and never organisations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundConsultation:
    """A consultation in its city. `labels` maps a question's folded labels to codes."""

    definition: Consultation
    instance: Instance
    by_id: Mapping[str, Question]
    index: Mapping[str, int]
    parts: Mapping[Part, tuple[Question, ...]]
    receipt: Question | None
    keywords: Mapping[str, str]
    country_names: Mapping[str, str]
    area_names: Mapping[str, str]

    def position(self, question_id: str) -> int:
        """The place of a question in the definition, from 0."""
        return self.index[question_id]

    @property
    def offered_languages(self) -> tuple[str, ...]:
        """Its languages in the order in which they are always listed."""
        return tuple(code for code in LANGUAGES if code in self.definition.languages)

    def wave(self, number: int) -> Wave | None:
        """The wave with this number, or None."""
        return next((w for w in self.definition.waves if w.number == number), None)

    def word(self, code: str, language: str, values: Mapping[str, object] | None = None) -> str:
        """A text of the conversation itself, filled with `values`."""
        return fill(in_language(self.instance.words.strings[code], language), values or {})

    def choices_of(
        self, question: Question, answers: Mapping[str, tuple[str, ...]]
    ) -> tuple[Choice, ...]:
        """The choices a person with these answers may choose from."""
        source = question.choices_from
        if source is None or source.question is None:
            return question.choices
        chosen = answers.get(source.question, ())
        if source.source == "actor_types":
            return tuple(c for c in question.choices if c.code.partition(".")[0] in chosen) or (
                question.choices
            )
        return tuple(c for c in question.choices if c.code in chosen or c.pinned)


def bind(consultation: Consultation, instance: Instance) -> BoundConsultation:
    """Fill a consultation with its city's names, plan, dates, themes, actors and areas."""
    fills: Fills = {str(code): _fills(consultation, instance, code) for code in LANGUAGES}
    questions = tuple(
        _bind_question(q, consultation, instance, fills) for q in consultation.questions
    )
    definition = replace(
        consultation,
        title=_fill_all(consultation.title, fills),
        notice=_fill_all(consultation.notice, fills),
        offers=tuple(replace(o, text=_fill_all(o.text, fills)) for o in consultation.offers),
        questions=questions,
        launch=replace(
            consultation.launch,
            decision=_fill_all(consultation.launch.decision, fills),
            responsible=_fill_all(consultation.launch.responsible, fills),
        ),
    )
    words = {code: _fill_all(text, fills) for code, text in instance.words.strings.items()}
    bound_instance = replace(instance, words=replace(instance.words, strings=words))
    core = tuple(q for q in questions if q.part is Part.CORE)
    last_info = core[-1] if core and core[-1].type is QuestionType.INFO else None
    asked = {
        Part.CORE: tuple(q for q in core if q is not last_info),
        Part.MORE: tuple(q for q in questions if q.part is Part.MORE),
    }
    return BoundConsultation(
        definition=definition,
        instance=bound_instance,
        by_id={q.id: q for q in questions},
        index={q.id: i for i, q in enumerate(questions)},
        parts=asked,
        receipt=last_info,
        keywords=keyword_table(instance.words),
        country_names=_country_names(instance),
        area_names={fold(area.name): area.code for area in instance.areas},
    )


def fill(text: str, values: Mapping[str, object]) -> str:
    """Put values in the place of {names}; a name without a value stays."""
    if "{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda m: str(values.get(m[1], m[0])), text)


def in_words(day: date, language: str) -> str:
    """A day in words: 15 de diciembre de 2026."""
    month = MONTHS.get(language, MONTHS["es"]).split()[day.month - 1]
    joined = " de " if language in ("es", "pt") else " "
    return joined.join((str(day.day), month, str(day.year)))


def _fills(consultation: Consultation, instance: Instance, language: str) -> dict[str, str]:
    city, launch = instance.city, consultation.launch
    return {
        "ciudad": in_language(city.name, language),
        "territorio": in_language(city.territory, language),
        "gobierno_local": in_language(city.government, language),
        "programa_diaspora": in_language(city.diaspora_programme, language),
        "division": in_language(city.division, language),
        "contacto": city.contact,
        "enlace_jovenes": city.youth_link or city.contact,
        "plan": in_language(instance.plan.name, language),
        "titulo": in_language(consultation.title, language),
        "decision": in_language(launch.decision, language),
        "responsable": in_language(launch.responsible, language),
        "financia": in_language(launch.funded_by, language),
        **_promised(consultation, language),
        "minutos": str(consultation.minutes),
        "pantallas": str(consultation.screens),
    }


def _promised(consultation: Consultation, language: str) -> dict[str, str]:
    """The promised days; where a wave has days of its own, each turn fills them in."""
    if any(wave.results_on or wave.reply_on for wave in consultation.waves):
        return {}
    launch = consultation.launch
    return {
        "fecha_resultados": in_words(launch.results_on, language),
        "fecha_respuesta": in_words(launch.reply_on, language),
    }


def _fill_all(text: LocalText, fills: Fills) -> LocalText:
    """Fill a text in every language, twice: the title itself may name the city."""
    return {
        code: fill(fill(said, fills.get(code, {})), fills.get(code, {}))
        for code, said in text.items()
    }


def _bind_question(
    question: Question,
    consultation: Consultation,
    instance: Instance,
    fills: Fills,
) -> Question:
    choices = _choices(question, consultation, instance)
    filled = tuple(
        replace(c, label=_fill_all(c.label, fills), description=_fill_all(c.description, fills))
        for c in choices
    )
    return replace(
        question,
        text=_fill_all(question.text, fills),
        intro=_fill_all(question.intro, fills),
        choices=_with_dont_know(question, filled, instance),
    )


def _with_dont_know(
    question: Question, choices: tuple[Choice, ...], instance: Instance
) -> tuple[Choice, ...]:
    """ "I don't know" as a row where a list has room; the words NO SÉ always mean it."""
    has_it = any(c.code == DONT_KNOW for c in choices)
    if not question.dont_know or has_it or not choices:
        return choices
    label = instance.words.strings.get("NO_SE", dict.fromkeys(LANGUAGES, "NS"))
    row = Choice(code=DONT_KNOW, label=label, exclusive=True, pinned=True)
    return (*choices, row) if len(choices) < LIST_ROWS else choices


def _choices(
    question: Question, consultation: Consultation, instance: Instance
) -> tuple[Choice, ...]:
    source = question.choices_from
    match source:
        case ChoicesFrom(source="themes"):
            themes = tuple(
                Choice(code=t.code, label=t.label, description=t.description)
                for t in instance.plan.themes
            )
            return themes + question.choices
        case ChoicesFrom(source="sectors"):
            return tuple(
                Choice(code=s.code, label=s.label, sets={"sector": s.code})
                for s in instance.actors.sectors
            )
        case ChoicesFrom(source="actor_types"):
            return tuple(
                Choice(code=t.code, label=t.label, sets={"actor_type": t.code, "sector": t.sector})
                for t in instance.actors.types
                if t.code not in NO_ORGANISATION
            )
        case ChoicesFrom(source="answers", question=name):
            asked = consultation.question(name or "")
            return (asked.choices if asked else ()) + question.choices
        case _:
            pass
    if question.type is QuestionType.LOCAL_AREA:
        return tuple(
            Choice(code=area.code, label=dict.fromkeys(LANGUAGES, area.name))
            for area in instance.areas
        )
    if question.type is QuestionType.COUNTRY:
        return tuple(
            replace(c, label=instance.countries.get(c.code, c.label)) for c in question.choices
        )
    return question.choices


def _country_names(instance: Instance) -> dict[str, str]:
    """Folded names in every language, and the codes, to ISO codes."""
    names = {fold(code): code for code in instance.countries}
    for code, by_language in instance.countries.items():
        names |= {fold(name): code for name in by_language.values()}
    return names
