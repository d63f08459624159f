"""What is known of people when it is decided whom to write to, joined channels as one (RC15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, exists, or_, select

from flows.campaigns import Campaign, Purpose, Standing
from flows.ids import ParticipantId, bucket_of
from flows.session import Session, load_session
from storage import tables as t
from storage.batch import chunks

UNREACHED = frozenset({"import", "console"})
"""Channels of paper and of the terminal: nothing can be sent there."""

Rows = dict[int, list[Row[Any]]]


def list_permitted(
    connection: Connection, purpose: str, consultation: str | None = None
) -> list[int]:
    """The participants who gave a permission, in a consultation or in any, by id."""
    c = t.permission.c
    statement = select(c.participant).distinct().where(c.purpose == purpose)
    if consultation is not None:
        statement = statement.where(c.consultation == consultation)
    return sorted(connection.scalars(statement))


def list_unfinished(connection: Connection, campaign: Campaign, before: int) -> list[int]:
    """Who began a wave, or was invited to it, and was not heard of since a moment; by id."""
    r, sent, s = t.response.c, t.sent_purpose.c, t.session.c
    of_wave = and_(r.consultation == campaign.consultation, r.wave == campaign.wave)
    is_quiet = s.updated_at <= before
    began = (
        select(r.participant)
        .join(t.session, and_(s.bucket == r.bucket, s.participant == r.participant))
        .where(of_wave, r.state == "accepted", r.completed_at.is_(None), is_quiet)
    )
    finished = exists().where(
        r.bucket == sent.bucket,
        r.participant == sent.participant,
        of_wave,
        or_(r.completed_at.is_not(None), r.state.in_(("declined", "under_age"))),
    )
    invited = (
        select(sent.participant)
        .where(
            sent.purpose == campaign.other(Purpose.INVITATION).key, sent.at <= before, ~finished
        )
        .where(~_reminded(campaign))
    )
    return sorted(set(connection.scalars(began)) | set(connection.scalars(invited)))


def _reminded(campaign: Campaign) -> Any:
    """Whether the last reminder went already."""
    other = t.sent_purpose.alias("other")
    sent = t.sent_purpose.c
    return exists().where(
        other.c.bucket == sent.bucket,
        other.c.participant == sent.participant,
        other.c.purpose == campaign.other(Purpose.REMINDER_2).key,
    )


def list_standings(
    connection: Connection, campaign: Campaign, participants: Iterable[int]
) -> list[Standing]:
    """What decides about each person behind these participants, in the order of their ids."""
    kept_of, absorbed_by = _links(connection)
    kept = sorted({kept_of.get(one, one) for one in participants})
    found: list[Standing] = []
    for some in chunks(kept):
        everybody = [one for k in some for one in (k, *absorbed_by.get(k, ()))]
        known = _Known(connection, everybody)
        found += [known.standing(campaign, person, absorbed_by.get(person, ())) for person in some]
    return found


def _links(connection: Connection) -> tuple[dict[int, int], dict[int, list[int]]]:
    """absorbed to kept, and kept to absorbed."""
    c = t.participant_link.c
    kept_of = {row.absorbed: row.kept for row in connection.execute(select(c.absorbed, c.kept))}
    absorbed_by: dict[int, list[int]] = defaultdict(list)
    for absorbed, kept in sorted(kept_of.items()):
        absorbed_by[kept].append(absorbed)
    return kept_of, absorbed_by


class _Known:
    """The rows of some participants, by participant."""

    def __init__(self, connection: Connection, participants: Sequence[int]) -> None:
        self._connection = connection
        self._ids = list(participants)
        self._buckets = {bucket_of(ParticipantId(one)) for one in participants}
        self.people = self._rows(t.participant)
        self.contacts = self._rows(t.contact_point)
        self.responses = self._rows(t.response)
        self.sessions = self._rows(t.session)
        self.sent = self._rows(t.sent_purpose)

    def _rows(self, table: Table) -> Rows:
        found: Rows = defaultdict(list)
        statement = select(table).where(
            table.c.bucket.in_(self._buckets), table.c.participant.in_(self._ids)
        )
        for row in self._connection.execute(statement):
            found[row.participant].append(row)
        return found

    def standing(self, campaign: Campaign, person: int, absorbed: Sequence[int]) -> Standing:
        """Everything of one person; addresses and session are those of the kept participant."""
        group = (person, *absorbed)
        responses = sorted(
            (row for one in group for row in self.responses[one]),
            key=lambda row: (row.started_at, row.wave, row.consultation),
        )
        of_wave = [
            row
            for row in responses
            if (row.consultation, row.wave) == (campaign.consultation, campaign.wave)
        ]
        session = self._session(person)
        is_open, blocked = self._channels(person, responses)
        own = session.progress.get(campaign.consultation) if session else None
        return Standing(
            participant=person,
            language=session.language if session else "es",
            countries=_countries(responses, session),
            channels=is_open,
            blocked=blocked,
            is_silenced=any(
                row.silenced_at is not None for one in group for row in self.people[one]
            ),
            has_begun=any(row.state == "accepted" for row in of_wave),
            has_finished=any(row.completed_at is not None for row in of_wave),
            active_at=max((row.updated_at for row in self.sessions[person]), default=0),
            progress=own,
            sent={row.purpose: row.at for one in group for row in self.sent[one]},
        )

    def _session(self, person: int) -> Session | None:
        rows = self.sessions[person]
        return load_session(rows[0].state) if rows else None

    def _channels(
        self, person: int, responses: Sequence[Row[Any]]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(open, blocked) channels; first that of the last counted answer."""
        last = responses[-1].channel if responses else ""
        points = sorted(
            (row for row in self.contacts[person] if row.channel not in UNREACHED),
            key=lambda row: (row.channel != last, row.channel),
        )
        is_open = tuple(row.channel for row in points if row.state == "open")
        return is_open, tuple(row.channel for row in points if row.state != "open")


def _countries(responses: Sequence[Row[Any]], session: Session | None) -> tuple[str, ...]:
    """By the last answers that tell it, by the contact, by the profile."""
    told = next((row.country for row in reversed(responses) if row.country), "")
    known = (session.country, session.region) if session else ("", "")
    return tuple(country for country in (told, *known) if country)
