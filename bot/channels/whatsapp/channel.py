"""Sends on WhatsApp: free text within a day of a person's last word, else an approved text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.base import CAPABILITIES, Capabilities
from bot.channels.whatsapp import payloads, templates
from bot.channels.whatsapp.client import Client
from bot.channels.whatsapp.errors import (
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    PAIR_WAIT_S,
    TEMPLATE_WAIT_S,
    GraphError,
    Verdict,
    error_of,
)
from bot.channels.whatsapp.templates import Template, Templates
from bot.clock import Clock
from bot.errors import ChannelError, DailyLimit, FateUnknown, TemplateTrouble, WindowClosed
from bot.pace import SECOND
from flows.messages import Message
from storage.dispatches import Dispatch
from storage.outbox import OutboxRow

PER_SECOND = 80.0
"""Messages of one number in a second, both ways (throughput page of Meta, 2026-05-21)."""
DAY = 24 * 3_600 * SECOND
WINDOW = DAY
"""So long after a person's last word free text may be sent to them (error 131047)."""
MARGIN = 60 * SECOND
"""Meta's clock is not ours: in the last minute the window counts as closed."""
SERVICE = "service"


class WhatsApp:
    """The channel. What it remembers is how Meta answered lately; nothing is lost with it."""

    name = "whatsapp"
    capabilities: Capabilities = CAPABILITIES["whatsapp"]
    per_second = PER_SECOND
    per_person_seconds = PAIR_WAIT_S

    def __init__(
        self, client: Client, clock: Clock, approved: Templates, *, daily_people: int
    ) -> None:
        self.client = client
        self.clock = clock
        self.templates = approved
        self.daily_people = daily_people
        self.opened: dict[int, int] = {}
        self._overloads = 0
        self._overloaded_until = 0
        self._closed: dict[int, int] = {}
        self._by_phone: set[int] = set()
        self._broken: dict[str, int] = {}

    def split(self, message: Message) -> tuple[Message, ...]:
        """One bubble; only what is longer than Meta takes goes in several."""
        return payloads.split(message)

    def parts(self, row: OutboxRow) -> tuple[Message, ...]:
        """As `split`; an approved text goes once, however long what it stands for."""
        return self.split(row.message) if self.is_open(row) else (row.message,)

    async def send(self, address: str, message: Message, message_id: int) -> None:
        """Send free text to an address; `dispatch` is what the delivery calls."""
        await self.client.send(
            payloads.addressed(address) | payloads.carrying(message_id) | payloads.content(message)
        )

    async def dispatch(self, row: OutboxRow, part: Message) -> Dispatch:
        """Send a part of an outbox row in the form that may be sent now. Raises ChannelError."""
        if self.is_open(row):
            return await self._post(row, payloads.content(part), SERVICE, None)
        template = templates.find_template(self.templates, part)
        if template is None:
            raise WindowClosed("The person has not written for a day; no approved text fits.")
        is_new = self._opens(row, template)
        content = templates.content(template, part)
        try:
            return await self._post(row, content, template.category, template)
        except FateUnknown:
            raise
        except ChannelError:
            if is_new:
                self.opened.pop(row.participant, None)
            raise

    def is_open(self, row: OutboxRow) -> bool:
        """Whether free text may be sent to the person of a row."""
        heard, now = row.heard_at, self.clock.now()
        if heard is None or heard <= self._closed.get(row.participant, 0):
            return False
        return now < heard + WINDOW - MARGIN

    def note_closed(self, participant: int) -> None:
        """Meta says that the window is closed, whatever our clock says."""
        self._closed[participant] = self.clock.now()

    def _opens(self, row: OutboxRow, template: Template) -> bool:
        """Whether this person is one more of the day's new people.

        Raises when the text is broken, or when so many were written to that Meta takes no more.
        Those under way count as well.
        """
        now = self.clock.now()
        if now < self._broken.get(template.name, 0):
            raise TemplateTrouble((self._broken[template.name] - now) / SECOND)
        if row.participant in self.opened and self.opened[row.participant] > now - DAY:
            return False
        if self.daily_people and len(self.opened) >= self.daily_people:
            self.opened = {p: at for p, at in self.opened.items() if at > now - DAY}
            if len(self.opened) >= self.daily_people:
                raise DailyLimit((min(self.opened.values()) + DAY - now) / SECOND + 1)
        self.opened[row.participant] = now
        return True

    async def _post(
        self, row: OutboxRow, content: Mapping[str, Any], category: str, template: Template | None
    ) -> Dispatch:
        address = payloads.addressed(row.address, by_phone=row.participant in self._by_phone)
        try:
            taken = await self.client.send({**address, **payloads.carrying(row.id), **content})
        except GraphError as problem:
            raise self._told(problem.verdict, row, template) from None
        self._overloads = 0
        return Dispatch(platform_id=taken, category=category, opens=template is not None)

    def _told(self, verdict: Verdict, row: OutboxRow, template: Template | None) -> Exception:
        """Remember what Meta said, so that the next try is another one."""
        now = self.clock.now()
        match verdict:
            case Verdict.RETRY:
                return error_of(verdict, overload_wait_s=self._overload_wait(now))
            case Verdict.WINDOW if template is None:
                self.note_closed(row.participant)
                return error_of(Verdict.PERSON)
            case Verdict.BY_PHONE if row.participant not in self._by_phone:
                if len(row.address.split()) > 1:
                    self._by_phone.add(row.participant)
                    return error_of(Verdict.PERSON)
                return error_of(Verdict.NEVER)
            case Verdict.TEMPLATE if template is not None:
                self._broken[template.name] = now + int(TEMPLATE_WAIT_S * SECOND)
        return error_of(verdict, row.attempts)

    def _overload_wait(self, now: int) -> float:
        """Twice as long each time; those that were under way together are one time."""
        if now >= self._overloaded_until:
            wait = min(FIRST_WAIT_S * 2**self._overloads, LONGEST_WAIT_S)
            self._overloads = min(self._overloads + 1, 10)
            self._overloaded_until = now + int(wait * SECOND)
        return max(0.0, (self._overloaded_until - now) / SECOND)

    async def close(self) -> None:
        """Let the connections go."""
        await self.client.close()
