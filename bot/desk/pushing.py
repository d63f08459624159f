"""What comes by itself: the week on Mondays at 08:00 of the city, and alerts.

The schedule is in the records and not in anybody's memory: whatever is due and was not claimed
is sent, so a restart or a second process sends nothing twice, and a Monday on which the machine
was down is made up for. python-telegram-bot's JobQueue is only the clock that asks.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from bot import mail
from bot.app import Application
from bot.credentials import MailAccess
from bot.desk.alerts import find_alerts
from bot.desk.post import Post
from bot.desk.week import Week, locale_for, make_week, send_week
from bot.errors import ChannelError
from bot.summaries import Asked
from flows.daytime import monday_at
from flows.weeks import week_bounds, week_of
from storage.officials import Official, list_officials
from storage.once import claim, release

log = logging.getLogger(__name__)

PUSH_HOUR = 8


class Pushing:
    """`tick` does whatever is due; it may be called as often as one likes."""

    def __init__(self, app: Application, post: Post | None, access: MailAccess | None) -> None:
        self.app = app
        self.post = post
        self.mail = access
        self.zone = app.folder.instance.city.time_zone

    async def tick(self) -> int:
        """Send what is due; returns how many officials and addresses got something."""
        return await self.push_week() + await self.push_alerts()

    async def run(self, every_s: float) -> None:
        """Tick until cancelled: where there is no desk bot, only mail."""
        while True:
            try:
                await self.tick()
            except Exception as problem:  # noqa: BLE001 - the outermost loop: the next tick tries again
                log.warning("push_failed", extra={"problem": type(problem).__name__})
            await self.app.clock.sleep(every_s)

    def due_week(self, now: int) -> str | None:
        """The closed week whose Monday 08:00 has come; None before it."""
        start, _ = week_bounds(week_of(now, self.zone), self.zone)
        if now < monday_at(start, PUSH_HOUR, self.zone):
            return None
        return week_of(start - 1, self.zone)

    async def push_week(self) -> int:
        """The closed week of every consultation that began, to whoever has not had it."""
        week = self.due_week(self.app.clock.now())
        if week is None:
            return 0
        sent = 0
        for name, bound in sorted(self.app.folder.consultations.items()):
            if bound.definition.kind == "consulta":
                sent += await self._to_officials(name, week) + await self._by_mail(name, week)
        return sent

    async def _to_officials(self, consultation: str, week: str) -> int:
        if self.post is None:
            return 0
        sent = 0
        made: dict[Asked, Week] = {}
        opened = monday_at(week_bounds(week, self.zone)[1], PUSH_HOUR, self.zone)
        for official in await self._officials():
            if official.enrolled_at > opened:  # came later: /resumen shows it
                continue
            asked = Asked(
                consultation=consultation,
                week=week,
                view="public" if official.role == "viewer" else "internal",
                locale=locale_for(self.app, official.language),
            )
            name = f"week/{consultation}/{week}/{self._key(official.address)}"

            async def deliver(official: Official = official, asked: Asked = asked) -> None:
                assert self.post is not None
                if asked not in made:
                    made[asked] = await make_week(self.app, asked)
                await send_week(self.post, int(official.address), made[asked])

            sent += await self._once(name, deliver)
        return sent

    async def _by_mail(self, consultation: str, week: str) -> int:
        access, sent = self.mail, 0
        if access is None:
            return 0
        for recipient in access.recipients:
            name = f"mail/{consultation}/{week}/{self._key(recipient)}"

            async def deliver(recipient: str = recipient) -> None:
                made = await make_week(self.app, Asked(consultation=consultation, week=week))
                await mail.send(mail.compose(made, access, recipient), access)

            sent += await self._once(name, deliver)
        return sent

    async def push_alerts(self) -> int:
        """New alerts, once to each analyst and moderator."""
        if self.post is None:
            return 0
        now, sent = self.app.clock.now(), 0
        alerts = await self.app.database.read(lambda c: find_alerts(c, self.app, now))
        for official in await self._officials() if alerts else []:
            for alert in alerts if official.role != "viewer" else []:
                name = f"alert/{alert.kind}/{alert.key}/{self._key(official.address)}"
                deliver = partial(
                    self.post.text, int(official.address), alert.said(official.language)
                )
                sent += await self._once(name, deliver)
        return sent

    async def _officials(self) -> list[Official]:
        return await self.app.database.read(partial(list_officials, keys=self.app.keys))

    def _key(self, address: str) -> str:
        """Names somebody in the schedule without saying who."""
        return self.app.keys.hash("pushed", address).hex()[:16]

    async def _once(self, name: str, deliver: Callable[[], Awaitable[None]]) -> int:
        """Claim, then send; what could not be sent is given back for the next tick."""
        now = self.app.clock.now()
        if not await self.app.committer.write(partial(claim, name=name, at=now)):
            return 0
        try:
            await deliver()
        except ChannelError as problem:
            extra = {"kind": name.partition("/")[0], "problem": problem.code}
            log.warning("push_failed", extra=extra)
            if problem.retryable:
                await self.app.committer.write(partial(release, name=name))
            return 0
        return 1
