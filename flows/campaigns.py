"""Who may be written to unasked, for which purpose, and what they are told.

Rules only: what is known of a person comes in as a `Standing`, and a reason or a message goes
out. Invitations go to those who agreed to be asked again; at most two reminders to those who
have not finished; results to those who asked for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from flows.asking import steps_of
from flows.binding import BoundConsultation, in_words
from flows.consultation import Part
from flows.languages import in_language
from flows.messages import InputKind, Message, QuickReply
from flows.session import Progress, Stage
from flows.waves import Period, first_known, last_minute, promised_days, zones_of

DAY = 86_400_000_000
GO = "!go:"
"""Begins the payload of a campaign's button; the consultation and the source follow."""
INVITED = "invitacion"
"""The source of a response that an invitation brought."""


class Purpose(StrEnum):
    """What a campaign is for; each goes once per consultation, wave and person."""

    INVITATION = "invitation"
    REMINDER_1 = "reminder-1"
    REMINDER_2 = "reminder-2"
    RESULTS = "results"


REMINDERS = (Purpose.REMINDER_1, Purpose.REMINDER_2)


class Why(StrEnum):
    """Why somebody is written to, or is not."""

    GOES = "goes"
    SENT = "sent"
    TAKES_PART = "takes part"
    LEFT = "left"
    SILENCED = "said BASTA"
    BLOCKED = "blocked"
    TOO_LATE = "too late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One purpose in one wave of a consultation."""

    purpose: Purpose
    consultation: str
    wave: int

    @property
    def key(self) -> str:
        """Its name in the records: `invitation/A/2`."""
        return f"{self.purpose}/{self.consultation}/{self.wave}"

    def other(self, purpose: Purpose) -> Campaign:
        """The campaign for another purpose in the same wave."""
        return Campaign(purpose=purpose, consultation=self.consultation, wave=self.wave)


def campaign_of(key: str) -> Campaign | None:
    """The campaign that a name in the records means; None for another kind of message."""
    purpose, _, rest = key.partition("/")
    consultation, _, wave = rest.rpartition("/")
    if purpose not in set(Purpose) or not wave.isdigit():
        return None
    return Campaign(purpose=Purpose(purpose), consultation=consultation, wave=int(wave))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides about one person, all their joined channels together.

    `countries`: where they are, by their answers, their contact and their profile, in that
    order. `channels`: open ones, first that of their last counted answer; `blocked`: those that
    are not. `has_begun`: accepted the consent of the wave. `active_at`: last heard of. `sent`:
    when each campaign was put in the outbox, by its key.
    """

    participant: int
    language: str = "es"
    countries: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    is_silenced: bool = False
    has_begun: bool = False
    has_finished: bool = False
    active_at: int = 0
    progress: Progress | None = None
    sent: Mapping[str, int] = field(default_factory=dict)


def may_invite(person: Standing, campaign: Campaign) -> Why:
    """Whether somebody who agreed to be asked again is invited to a wave."""
    if campaign.key in person.sent:
        return Why.SENT
    if person.has_begun:
        return Why.TAKES_PART
    if _has_left(person, campaign.wave):
        return Why.LEFT
    return _reach(person)


def _has_left(person: Standing, wave: int) -> bool:
    """Erased or too young, in whichever wave; or declined this very one."""
    progress = person.progress
    if progress is None:
        return False
    declined = progress.stage is Stage.DECLINED and progress.wave == wave
    return declined or progress.stage in (Stage.ERASED, Stage.UNDER_AGE)


def _reach(person: Standing) -> Why:
    if person.is_silenced:
        return Why.SILENCED
    return Why.GOES if person.channels else Why.BLOCKED


def due_reminder(
    person: Standing, campaign: Campaign, now: int, after_days: Sequence[int]
) -> Purpose | None:
    """The reminder that is due: so many days after they were last heard of, or reminded.

    To who began and did not finish, and to who was invited and did not begin.
    """
    invited_at = person.sent.get(campaign.other(Purpose.INVITATION).key)
    waits = person.has_begun or invited_at is not None
    if not waits or person.has_finished or _has_left(person, campaign.wave):
        return None
    if _reach(person) is not Why.GOES:
        return None
    since = person.active_at if person.has_begun else max(invited_at or 0, person.active_at)
    for purpose, days in zip(REMINDERS, after_days, strict=False):
        reminded_at = person.sent.get(campaign.other(purpose).key)
        if reminded_at is None:
            return purpose if now >= since + days * DAY else None
        since = max(since, reminded_at)
    return None


def may_tell_results(person: Standing, campaign: Campaign) -> Why:
    """Whether somebody who asked for the results is told that they are there."""
    if campaign.key in person.sent:
        return Why.SENT
    return _reach(person) if person.has_begun else Why.LEFT


def zones_for(bound: BoundConsultation, person: Standing) -> tuple[ZoneInfo, ...]:
    """The clocks that somebody may live by."""
    return zones_of(bound.instance, person.countries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the results message tells: how many, the first themes, where the rest is."""

    valid: int
    themes: tuple[str, ...]
    url: str


def compose(
    bound: BoundConsultation,
    person: Standing,
    purpose: Purpose,
    period: Period,
    results: Results | None = None,
) -> Message:
    """The message of a campaign in the person's language, on the person's clock."""
    language = person.language
    country = first_known(bound.instance, person.countries)
    values: dict[str, object] = {
        "fecha_cierre": last_minute(bound, period.closes_at, country, language),
    }
    replies: tuple[QuickReply, ...] = ()
    code = purpose.name
    if purpose is Purpose.RESULTS:
        code = "RESULTADOS_LISTOS"
        values |= _told(bound, results, period, language)
    elif person.has_begun:
        code = "RECORDATORIO"
        values["faltan"] = questions_left(bound, person.progress)
        replies = (_button(bound, "", "SEGUIR_BOTON", language),)
    else:
        is_invitation = purpose is Purpose.INVITATION
        code = "INVITACION" if is_invitation else "RECORDATORIO_INVITACION"
        replies = (_button(bound, INVITED, "PARTICIPAR_BOTON", language),)
    return Message(
        text=bound.word(code, language, values),
        language=language,
        code=code,
        input=InputKind.CHOICE if replies else InputKind.NOTHING,
        replies=replies,
    )


def _button(bound: BoundConsultation, source: str, word: str, language: str) -> QuickReply:
    payload = f"{GO}{bound.definition.id}:{source}"
    return QuickReply(payload=payload, label=bound.word(word, language), number=None)


def _told(
    bound: BoundConsultation, results: Results | None, period: Period, language: str
) -> dict[str, object]:
    known = results or Results(valid=0, themes=(), url="")
    labels = {theme.code: theme.label for theme in bound.instance.plan.themes}
    _, reply_on = promised_days(bound.definition, period.number)
    return {
        "n": known.valid,
        "temas": ", ".join(in_language(labels.get(c, {}), language) or c for c in known.themes),
        "enlace": known.url,
        "fecha_respuesta": in_words(reply_on, language),
    }


def questions_left(bound: BoundConsultation, progress: Progress | None) -> int:
    """How many questions of the core somebody has before them; at least one."""
    if progress is None:
        return 1
    done = {*progress.answers, *progress.skipped}
    steps = [name for name in steps_of(bound, progress, Part.CORE) if name not in done]
    return max(len(steps), 1)
