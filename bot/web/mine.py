"""One's own answers behind a one-time link: see, change, erase. The chat shows nothing of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from bot.app import Application
from bot.web.chat import bounded_body, is_same_site
from bot.web.pages import language_of, template, words
from flows.asking import is_relevant
from flows.binding import BoundConsultation
from flows.consultation import Question, QuestionType, Role
from flows.ids import ParticipantId
from flows.inbound import Changed, Envelope, Inbound, Withdrew
from flows.languages import in_language
from flows.session import Progress
from storage.links import find_session, list_current_answers, open_answers_link

LIFETIME = 10 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class _Opened:
    participant: ParticipantId
    consultation: str
    channel: str
    expires_at: int


class Mine:
    """The page's handlers; an opened link lives ten minutes, in this process only."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._opened: dict[str, _Opened] = {}
        self._count = 0

    async def ask(self, request: Request) -> Response:
        """The link as it is opened: redeemed only by a press, so that a preview spends nothing."""
        token = request.path_params["token"][:64]
        return template("mine.html", request, self.app, token=token, answers=[], key="", said="")

    async def open(self, request: Request) -> Response:
        """Redeem the link."""
        token, now = request.path_params["token"][:64], self.app.clock.now()
        if not is_same_site(request):
            return Response(status_code=403)
        found = await self.app.committer.write(
            lambda c: open_answers_link(c, self.app.keys, token, now)
        )
        if found is None:
            return self._said(request, "expired", 410)
        key = secrets.token_urlsafe(16)
        self._opened[key] = _Opened(*found, now + LIFETIME)
        return await self._page(request, key, "")

    async def act(self, request: Request) -> Response:
        """Change an answer or erase everything."""
        raw = await bounded_body(request)
        if not is_same_site(request) or raw is None:
            return Response(status_code=403)
        given = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        key = given.get("key", [""])[0]
        opened = self._opened.get(key)
        if opened is None or opened.expires_at < self.app.clock.now():
            return self._said(request, "expired", 410)
        if "erase" in given:
            await self._submit(opened, Withdrew())
            del self._opened[key]
            return self._said(request, "erased", 200)
        return await self._page(request, key, await self._change(opened, given))

    async def _change(self, opened: _Opened, given: dict[str, list[str]]) -> str:
        """Record what is other than before; returns what to say of it."""
        before, refused = await self._answers(opened), False
        for question in given.get("question", []):
            values = given.get(f"value-{question}", [])
            if len(values) > 1:  # the places of a ranking that stay empty
                values = [value for value in values if value]
            wanted, kept = "|".join(values), before.get(question, ("", ""))[0]
            if wanted != kept:
                await self._submit(opened, Changed(question=question, values=tuple(values)))
                after = await self._answers(opened)
                refused = refused or after.get(question, ("", ""))[0] == kept
        after = await self._answers(opened)
        if refused:
            return "not_changed"
        return "changed" if before.keys() <= after.keys() else "changed_side"

    def _said(self, request: Request, word: str, status: int) -> Response:
        said = in_language(words()[word], language_of(request))
        return template(
            "mine.html", request, self.app, status, token="", answers=[], key="", said=said
        )

    async def _submit(self, opened: _Opened, body: Changed | Withdrew) -> None:
        now = self.app.clock.now()
        self._count += 1
        inbound = Inbound(channel=opened.channel, body=body, sent_at=now)
        await self.app.committer.submit(
            Envelope(
                channel=opened.channel,
                address="",
                external_id=f"page/{opened.participant}/{now}/{self._count}",
                inbound=inbound,
                received_at=now,
                participant=opened.participant,
            )
        )

    async def _answers(self, opened: _Opened) -> dict[str, tuple[str, str]]:
        session = await self.app.database.read(lambda c: find_session(c, opened.participant))
        progress = session.progress.get(opened.consultation) if session else None
        if progress is None:
            return {}
        return await self.app.database.read(
            lambda c: list_current_answers(
                c, opened.participant, opened.consultation, progress.wave
            )
        )

    async def _page(self, request: Request, key: str, said: str) -> Response:
        opened = self._opened[key]
        session = await self.app.database.read(lambda c: find_session(c, opened.participant))
        bound = self.app.folder.consultations[opened.consultation]
        language = session.language if session else "es"
        progress = session.progress.get(opened.consultation) if session else None
        kept = await self._answers(opened)
        answers = _shown(bound, progress, kept, language) if progress else []
        text = in_language(words()[said], language) if said else ""
        return template(
            "mine.html", request, self.app, token="", answers=answers, key=key, said=text
        )


def _shown(
    bound: BoundConsultation,
    progress: Progress,
    kept: dict[str, tuple[str, str]],
    language: str,
) -> list[dict[str, Any]]:
    """The answers that can be changed, as the page lists them."""
    shown = []
    for question in bound.definition.questions:
        if question.id not in kept and question.role is not Role.REASON:
            continue
        if not is_relevant(bound, question, progress):
            continue
        value = kept.get(question.id, ("", ""))[0]
        chosen = value.split("|")
        is_typed = question.type in (QuestionType.TEXT, QuestionType.COUNTRY)
        shown.append(
            {
                "id": question.id,
                "text": in_language(question.text, language),
                "value": value,
                "several": question.type is QuestionType.MULTI,
                "places": _places(question, chosen),
                "choices": []
                if is_typed
                else [
                    {
                        "code": c.code,
                        "label": in_language(c.label, language),
                        "chosen": c.code in chosen,
                    }
                    for c in bound.choices_of(question, progress.answers)
                ],
            }
        )
    return shown


def _places(question: Question, chosen: list[str]) -> list[str]:
    """The places of a ranking in their order, empty ones last; none for other questions."""
    if question.type is not QuestionType.RANK:
        return []
    places = max(question.max_choices or len(question.choices), len(chosen))
    return chosen + [""] * (places - len(chosen))
