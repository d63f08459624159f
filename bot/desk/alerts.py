"""What asks for attention: a channel that is down, a burst of answers, a concern that is new."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import Application
from bot.desk.words import word
from bot.summaries import Asked, read
from flows.weeks import week_bounds, week_of
from reports.concerns import new_concerns
from storage.gaps import last_seen
from storage.pulse import answers_lately

MINUTE = 60_000_000
DOWN_AFTER = 5 * MINUTE
BURST = 30
BURST_TIMES = 5
HOURS_OF_A_WEEK = 168
LISTENING = ("telegram",)
"""Channels that note when they last received."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `key` names it, so that it is pushed once to each official."""

    kind: str
    key: str
    what: str = ""
    n: int = 0

    def said(self, language: str) -> str:
        """The alert as a sentence."""
        return word(f"alert_{self.kind}", language, what=self.what, n=self.n)


def find_alerts(connection: Connection, app: Application, now: int) -> list[Alert]:
    """Everything that asks for attention now."""
    return [
        *_channels_down(connection, app, now),
        *_burst(connection, app, now),
        *_concerns(connection, app, now),
    ]


def _channels_down(connection: Connection, app: Application, now: int) -> list[Alert]:
    found = []
    for name in LISTENING:
        seen = last_seen(connection, name) if name in app.channels else None
        if seen is not None and now - seen > DOWN_AFTER:
            minutes = (now - seen) // MINUTE
            found.append(Alert("channel_down", f"{name}/{seen}", name, minutes))
    return found


def _burst(connection: Connection, app: Application, now: int) -> list[Alert]:
    """At least 30 answers in an hour, and five times the usual hour of the last week."""
    name = app.folder.main.definition.id
    last, before = answers_lately(connection, name, now)
    if last < BURST or last < BURST_TIMES * before / HOURS_OF_A_WEEK:
        return []
    return [Alert("burst", f"{name}/{now // (60 * MINUTE)}", n=last)]


def _concerns(connection: Connection, app: Application, now: int) -> list[Alert]:
    folder, bound = app.folder, app.folder.main
    zone = folder.instance.city.time_zone
    week = week_of(now, zone)
    before = week_of(week_bounds(week, zone)[0] - 1, zone)
    now_read, before_read = (
        read(connection, folder, bound, Asked(week=w), now) for w in (week, before)
    )
    k = folder.instance.city.thresholds.internal
    return [
        Alert("concern", f"{bound.definition.id}/{term}", term, n)
        for term, n in new_concerns(now_read, before_read, bound.definition, k)
    ]
