"""The city replies to a theme: never without a reason, and to exactly those who raised it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from bot.app import Application
from bot.conversation import reply_text
from bot.errors import UsageError
from bot.instance import Folder
from flows.binding import BoundConsultation
from flows.cleaning import fold
from flows.consultation import QuestionType, Role
from flows.daytime import next_slot
from flows.languages import in_language
from flows.messages import Message
from flows.readings import GivenReply
from flows.waves import zones_of
from flows.weeks import moment
from storage.outbox import Posting, enqueue
from storage.replies import list_to_tell, record_reply

STATES = ("accepted", "in_part", "not_accepted", "in_study")


@dataclass(frozen=True, slots=True)
class Told:
    """How many people a reply goes to, and which revision of the theme's reply it is, from 0."""

    people: int
    revision: int


async def reply_to_theme(
    app: Application, *, consultation: str | None, reply: GivenReply, actor: str
) -> Told:
    """Record the reply and put the cards in the outbox."""
    bound = app.folder.consultation(consultation)
    check_reply(bound, reply)
    questions = _theme_questions(bound)

    def write(connection: Connection) -> Told:
        revision = record_reply(connection, bound.definition.id, reply, actor)
        people = list_to_tell(connection, bound.definition.id, reply.theme, questions)
        calm = app.folder.instance.city.calm(app.lifted)
        purpose = f"reply/{bound.definition.id}/{reply.theme}/{revision}"
        told = sum(
            enqueue(
                connection,
                Posting(
                    participant=person.participant,
                    channel=person.channel,
                    message=Message(
                        text=reply_text(app.folder, reply, person.language),
                        language=person.language,
                        code="DECISION",
                    ),
                    purpose=purpose,
                    slot=next_slot(
                        reply.replied_at, zones_of(app.folder.instance, [person.country]), calm
                    ),
                ),
            )
            for person in people
        )
        return Told(told, revision)

    told = await app.committer.write(write)
    await app.refresh()
    return told


def _theme_questions(bound: BoundConsultation) -> tuple[str, ...]:
    return tuple(
        q.id for q in bound.definition.with_role(Role.THEMES) if q.type is QuestionType.RANK
    )


def count_to_tell(connection: Connection, folder: Folder, reply: GivenReply) -> int:
    """How many people a reply to this theme would go to now."""
    bound = folder.main
    questions = _theme_questions(bound)
    return len(list_to_tell(connection, bound.definition.id, reply.theme, questions))


def theme_named(bound: BoundConsultation, said: str) -> str:
    """The code of a theme by its code or its name in any language. Raises UsageError."""
    for theme in bound.instance.plan.themes:
        if fold(said) in {fold(name) for name in (theme.code, *theme.label.values())}:
            return theme.code
    known = ", ".join(
        f"{t.code} ({in_language(t.label, 'es')})" for t in bound.instance.plan.themes
    )
    raise UsageError(f"No hay tema «{said}». Hay: {known}.")


def state_named(bound: BoundConsultation, said: str) -> str:
    """A reply's state by its code or its words in any language. Raises UsageError."""
    for state in STATES:
        words = bound.instance.words.states[state]
        if fold(said) in {fold(name) for name in (state, *words.values())}:
            return state
    known = ", ".join(f"{s} ({in_language(bound.instance.words.states[s], 'es')})" for s in STATES)
    raise UsageError(f"No hay estado «{said}». Hay: {known}.")


def check_reply(bound: BoundConsultation, reply: GivenReply) -> None:
    """Refuse an unknown theme or state, an empty reason or unit, and what is no coming date."""
    theme_named(bound, reply.theme)
    state_named(bound, reply.state)
    if not reply.reason.strip():
        raise UsageError("Escriba la razón.")
    if not reply.unit.strip():
        raise UsageError("Escriba la dependencia responsable.")
    try:
        due = date.fromisoformat(reply.due)
    except ValueError as problem:
        raise UsageError(f"«{reply.due}» no es una fecha; escriba 2027-03-31.") from problem
    if due < moment(reply.replied_at, bound.instance.city.time_zone).date():
        raise UsageError(f"El {due:%d/%m/%Y} ya pasó; diga para cuándo será.")
