"""What each keyword does, in every question and at every moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flows.answering import ASKING_STAGES, answer, skip
from flows.asking import ask, stage_part, steps_of
from flows.consultation import Part, Question, QuestionType
from flows.draft import Draft
from flows.events import AskPerson, Enter, OpenAnswersLink, SendResults, Silence
from flows.languages import in_language
from flows.messages import InputKind, Message, QuickReply
from flows.questions.reading import Reply
from flows.recap import recap
from flows.session import Stage

LANGUAGE_NAMES = {"es": "Español", "pt": "Português", "fr": "Français", "en": "English"}
ACTIONS_SHOWN = 7

Command = Callable[[Draft], None]


def pending(draft: Draft) -> Question | None:
    """The question that waits for an answer, or None."""
    current = draft.progress.current
    return draft.bound.by_id.get(current) if current else None


def ask_again(draft: Draft) -> None:
    """Put whatever is pending once more, below what was said; nothing is after the end."""
    if not draft.is_open:
        return
    question = pending(draft)
    stage = draft.progress.stage
    if question is not None and stage in (*ASKING_STAGES, Stage.CONSENT):
        draft.move(awaits="", paused=False)
        ask(draft, question)
    elif stage is Stage.MORE_OFFERED:
        draft.say("FALTAN_MAS")
        draft.offer("FALTAN_MAS", ("!more:yes", "SI"), ("!more:no", "AHORA_NO"))
    elif stage is Stage.OFFERED:
        _offer_again(draft)


def _offer_again(draft: Draft) -> None:
    last = draft.progress.offered[-1]
    for offer in draft.bound.definition.offers:
        if offer.consultation == last:
            draft.say_text(in_language(offer.text, draft.language))
            draft.offer("OFERTA", (f"!offer:{last}", "SI"), ("!offer:no", "AHORA_NO"))


def _resume(draft: Draft) -> None:
    if draft.progress.stage is Stage.DONE:
        if draft.progress.offered:
            draft.requests.append(Enter(consultation=draft.progress.offered[-1]))
            return
        draft.say("YA_TERMINO")
        return
    ask_again(draft)


def _pause(draft: Draft) -> None:
    progress = draft.progress
    steps = steps_of(draft.bound, progress, stage_part(progress.stage))
    at = steps.index(progress.current) + 1 if progress.current in steps else 1
    draft.move(paused=True)
    draft.say("PAUSA_OK", n=at, total=max(len(steps), at))


def _skip(draft: Draft) -> None:
    question = pending(draft)
    if question is None:
        ask_again(draft)
        return
    skip(draft, question)


def _back(draft: Draft) -> None:
    progress = draft.progress
    path = [name for name in progress.path if name in draft.bound.by_id]
    at = path.index(progress.current) if progress.current in path else len(path)
    if at == 0 or progress.stage not in ASKING_STAGES:
        draft.say("ATRAS_NO")
        ask_again(draft)
        return
    reopen(draft, draft.bound.by_id[path[at - 1]])


def reopen(draft: Draft, question: Question) -> None:
    """Put a question again that was answered or skipped; the answer stays until another comes."""
    stage = draft.progress.stage
    if stage not in ASKING_STAGES:
        stage = Stage.MORE if question.part is Part.MORE else Stage.ASKING
    draft.move(current=question.id, marks=(), awaits="", reopened=True, paused=False, stage=stage)
    ask(draft, question)


def _mine(draft: Draft) -> None:
    if draft.progress.receipt:
        if not draft.context.answers_url:
            draft.say("MIS_VACIO")
            return
        draft.requests.append(OpenAnswersLink(token=draft.context.token))
        draft.say("MIS_ENLACE", enlace=draft.context.answers_url)
        ask_again(draft)
        return
    recap(draft)
    if not draft.progress.path:
        ask_again(draft)


def _erase(draft: Draft) -> None:
    draft.move(awaits="erase")
    draft.say("BORRAR_CONFIRMA")
    draft.offer("BORRAR_CONFIRMA", ("!erase:yes", "SI"), ("!erase:no", "NO"))


def _results(draft: Draft) -> None:
    if draft.context.results_url:
        draft.requests.append(SendResults())
        draft.say("RESULTADOS_ENLACE", enlace=draft.context.results_url)
    else:
        draft.say("RESULTADOS_AUN_NO")
    ask_again(draft)


def _commitments(draft: Draft) -> None:
    if draft.context.published_replies:
        draft.say_text("\n\n".join(draft.context.published_replies))
    else:
        draft.say("COMPROMISOS_AUN_NO")
    ask_again(draft)


def _language(draft: Draft) -> None:
    draft.move(awaits="language")
    draft.ask(
        Message(
            text=draft.bound.word("IDIOMA_ELIJA", draft.language),
            language=draft.language,
            code="IDIOMA_ELIJA",
            input=InputKind.CHOICE,
            replies=tuple(
                QuickReply(payload=f"!lang:{code}", label=LANGUAGE_NAMES[code], number=number)
                for number, code in enumerate(draft.bound.offered_languages, start=1)
            ),
            list_label=draft.bound.word("VER_OPCIONES", draft.language),
        )
    )


def _person(draft: Draft) -> None:
    draft.requests.append(AskPerson())
    draft.say("PERSONA_OK")
    ask_again(draft)


def _help(draft: Draft) -> None:
    draft.say("AYUDA")
    ask_again(draft)


def _what_it_does(draft: Draft) -> None:
    actions = draft.bound.instance.actions[:ACTIONS_SHOWN]
    if not actions:
        draft.say("QUE_HACE_VACIO")
    else:
        lines = [draft.bound.word("QUE_HACE_LISTA", draft.language)]
        for action in actions:
            what = in_language(action.action, draft.language)
            who = in_language(action.benefits, draft.language)
            lines.append(f"• {what} ({action.cost}). {who}")
        draft.say_text("\n".join(lines))
    ask_again(draft)


def _enough(draft: Draft) -> None:
    draft.requests.append(Silence())
    draft.move(paused=True)
    draft.say("BASTA_OK")


def _dont_know(draft: Draft) -> None:
    question = pending(draft)
    if question is None:
        ask_again(draft)
    elif question.type in (QuestionType.TEXT, QuestionType.NUMBER, QuestionType.DATE):
        skip(draft, question)
    else:
        answer(draft, question, Reply(is_dont_know=True))


def _more_information(draft: Draft) -> None:
    draft.say_text(in_language(draft.bound.definition.notice, draft.language))
    ask_again(draft)


COMMANDS: Mapping[str, Command] = {
    "participar": _resume,
    "seguir": _resume,
    "pausa": _pause,
    "saltar": _skip,
    "atras": _back,
    "mis": _mine,
    "borrar": _erase,
    "resultados": _results,
    "compromisos": _commitments,
    "idioma": _language,
    "persona": _person,
    "ayuda": _help,
    "que_hace": _what_it_does,
    "basta": _enough,
    "no_se": _dont_know,
    "mas": _more_information,
}

WHEN_CLOSED = frozenset(
    {
        "resultados",
        "compromisos",
        "borrar",
        "idioma",
        "persona",
        "ayuda",
        "que_hace",
        "basta",
        "mas",
    }
)
"""What still works after the wave has closed."""
