"""A turn while it is being made: the session as it changes, what happened, what to say.

The only mutable thing of the core, alive for one call of `advance`. It turns into a frozen
`Turn` with one message: everything said before the question stands above it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from flows.binding import BoundConsultation, fill, in_words
from flows.consultation import Question
from flows.events import Event, Request
from flows.inbound import Inbound
from flows.languages import in_language
from flows.messages import InputKind, Message, QuickReply
from flows.segments import segments_of
from flows.session import FRESH, Context, Progress, Session, Turn
from flows.waves import (
    Period,
    first_known,
    last_closed,
    last_minute,
    periods_of,
    promised_days,
)


class Draft:
    """One turn in the making."""

    def __init__(
        self, bound: BoundConsultation, session: Session, inbound: Inbound, context: Context
    ) -> None:
        self.bound = bound
        self.session = session
        self.inbound = inbound
        self.context = context
        self.events: list[Event] = []
        self.requests: list[Request] = []
        self._said: list[str] = []
        self._message: Message | None = None

    @property
    def language(self) -> str:
        """The language the person is spoken to in."""
        return self.session.language

    @property
    def progress(self) -> Progress:
        """Where the person is in this consultation."""
        return self.session.progress[self.bound.definition.id]

    @property
    def has_progress(self) -> bool:
        """Whether the person has begun this consultation."""
        return self.bound.definition.id in self.session.progress

    @property
    def is_here(self) -> bool:
        """Whether the person has begun and did not leave: declined, too young, erased."""
        return self.has_progress and self.progress.stage not in FRESH

    @property
    def is_open(self) -> bool:
        """Whether an answer counts now: a wave is open and, of whoever has begun, their own."""
        wave = self.context.wave
        return wave is not None and (not self.is_here or self.progress.wave == wave)

    @property
    def country(self) -> str:
        """Where the person is: by their answers, else by their contact, else by their profile."""
        answers = self.progress.answers if self.has_progress else {}
        told = segments_of(self.bound, answers, self.language).get("country", "")
        countries = (told, self.session.country, self.session.region)
        return first_known(self.bound.instance, countries)

    @property
    def period(self) -> Period | None:
        """The wave that is spoken of: the person's own, else the open one, else the last."""
        wave = self.progress.wave if self.is_here else self.context.wave
        zone = self.bound.instance.city.time_zone
        periods = self.context.periods or periods_of(self.bound.definition, zone)
        own = next((p for p in periods if p.number == wave), None)
        return own or last_closed(periods, self.context.now) or next(iter(periods), None)

    def dated(self, text: str) -> str:
        """The text with the days of its wave filled in; the closing on the person's clock."""
        if "{fecha_" not in text:
            return text
        period, language = self.period, self.language
        results, reply = promised_days(self.bound.definition, period.number if period else None)
        closes = period.closes_at if period else self.context.now
        values = {
            "fecha_resultados": in_words(results, language),
            "fecha_respuesta": in_words(reply, language),
            "fecha_cierre": last_minute(self.bound, closes, self.country, language),
        }
        return fill(text, values)

    def move(self, **changes: Any) -> None:
        """Change the progress."""
        moved = msgspec.structs.replace(self.progress, **changes)
        self.put(moved)

    def put(self, progress: Progress) -> None:
        """Set the whole progress."""
        all_of_them = {**self.session.progress, self.bound.definition.id: progress}
        self.session = msgspec.structs.replace(self.session, progress=all_of_them)

    def change_session(self, **changes: Any) -> None:
        """Change the session itself."""
        self.session = msgspec.structs.replace(self.session, **changes)

    def say(self, code: str, **values: object) -> None:
        """Say one of the conversation's own texts, above whatever is asked."""
        self._said.append(self.bound.word(code, self.language, values))
        self._code = code

    def say_text(self, text: str) -> None:
        """Say a text that is already in the person's language."""
        self._said.append(text)

    def ask(self, message: Message) -> None:
        """End the turn with this question."""
        self._message = message

    def offer(self, code: str, *pairs: tuple[str, str]) -> None:
        """End the turn with one of the conversation's own questions: (payload, word code)."""
        replies = tuple(
            QuickReply(payload=payload, label=self.bound.word(word, self.language), number=number)
            for number, (payload, word) in enumerate(pairs, start=1)
        )
        self._message = Message(
            text="",
            language=self.language,
            code=code,
            input=InputKind.CHOICE,
            replies=replies,
            list_label=self.bound.word("VER_OPCIONES", self.language),
        )

    def text_of(self, question: Question) -> str:
        """A question's text, with its intro if it has one."""
        text = in_language(question.text, self.language)
        intro = in_language(question.intro, self.language) if question.intro else ""
        return self.dated(f"{intro}\n\n{text}" if intro else text)

    _code = ""

    def turn(self) -> Turn:
        """The turn, with at most one message."""
        messages: tuple[Message, ...] = ()
        if self._message is not None or self._said:
            asked = self._message or Message(text="", language=self.language, code=self._code)
            parts = [*self._said, asked.text] if asked.text else self._said
            text = self.dated("\n\n".join(part for part in parts if part))
            messages = (_with_text(asked, text, self._said),)
        return Turn(
            session=self.session,
            events=tuple(self.events),
            messages=messages,
            requests=tuple(self.requests),
        )


def _with_text(message: Message, text: str, said: list[str]) -> Message:
    """The message under everything said; marks can only be edited when nothing is said."""
    return Message(
        text=text,
        language=message.language,
        code=message.code,
        input=message.input,
        replies=message.replies,
        list_label=message.list_label,
        step=message.step,
        steps=message.steps,
        replaces_last=message.replaces_last and not said,
        hint=message.hint,
    )
