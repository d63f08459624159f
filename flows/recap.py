"""MIS RESPUESTAS during the conversation: question by question, one answer on a tap."""

from __future__ import annotations

from flows.asking import asked
from flows.consultation import Question, QuestionType
from flows.draft import Draft
from flows.languages import in_language
from flows.messages import InputKind, Message, QuickReply

SHORT = 48
"""Characters of a question or an answer in one line of the list."""


def recap(draft: Draft) -> None:
    """List the answers so far; each can be reopened by its number or its button."""
    questions = [draft.bound.by_id[name] for name in draft.progress.path]
    answered = [q for q in questions if q.id in draft.progress.answers]
    if not answered:
        draft.say("MIS_VACIO")
        return
    lines = [
        f"{number}. {shorten(_name(draft, question))}: {shorten(spoken(draft, question))}"
        for number, question in enumerate(answered, start=1)
    ]
    text = draft.bound.word("MIS_LISTA", draft.language)
    draft.move(awaits="edit")
    draft.ask(
        Message(
            text="\n".join([text, "", *lines]),
            language=draft.language,
            code="MIS_LISTA",
            input=InputKind.CHOICE,
            replies=tuple(
                QuickReply(
                    payload=f"!edit:{question.id}",
                    label=shorten(_name(draft, question), 24),
                    number=number,
                )
                for number, question in enumerate(answered, start=1)
            ),
            list_label=draft.bound.word("VER_OPCIONES", draft.language),
        )
    )


def reopenable(draft: Draft) -> list[str]:
    """The ids in the order of the list, for a typed number."""
    return [name for name in draft.progress.path if name in draft.progress.answers]


def _name(draft: Draft, question: Question) -> str:
    """The last sentence of a question's text usually asks it."""
    return in_language(question.text, draft.language).replace("\n", " ")


def spoken(draft: Draft, question: Question) -> str:
    """An answer in the words the person saw."""
    values = draft.progress.answers.get(question.id, ())
    if question.type is QuestionType.TEXT:
        return values[0] if values else ""
    if question.type is QuestionType.COUNTRY:
        return draft.bound.instance.countries.get(values[0], {}).get(draft.language, values[0])
    shown = asked(draft, question)
    labels = []
    for code in values:
        choice = shown.choice(code)
        label = in_language(choice.label, draft.language) if choice else code
        is_other = choice is not None and choice.other
        labels.append(draft.progress.other_texts.get(question.id, label) if is_other else label)
    return ", ".join(labels)


def shorten(text: str, most: int = SHORT) -> str:
    """At most `most` characters, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
