"""The answers and the valid responses as they stood at a cut (RC1), as two pairs of tables.

Almost everybody is one participant. Their last answers are found by looking at the neighbour in
the primary key, row by row, which ten million answers can afford. Participants that are joined
to others (RC15) are few: theirs are resolved with windows over the persons. Whoever reads goes
over both sources and adds up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Alias,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    exists,
    func,
    select,
)

from storage import tables as t
from storage.cuts import SEGMENTS, Cut

BUCKETS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`answers`: the last of each before the cut, cleared ones left out.

    `responses`: one per person and wave; `valid` of them.
    """

    answers: FromClause
    responses: FromClause
    valid: FromClause

    def of_valid(self, answers: FromClause | None = None) -> ColumnElement[bool]:
        """Joins answers to the valid response they belong to."""
        a, v = (answers if answers is not None else self.answers).c, self.valid.c
        return and_(a.bucket == v.bucket, a.person == v.person, a.wave == v.wave)


def sources(connection: Connection, cut: Cut, substantive: list[str]) -> list[Source]:
    """What is read: those who are one participant; and, if there are any, the joined ones."""
    has_links = connection.scalar(select(func.count()).select_from(t.participant_link)) or 0
    found = [_alone(cut, substantive, has_links=has_links > 0)]
    return [*found, _joined(cut, substantive)] if has_links else found


def _linked() -> Any:
    """Every participant that is joined to another, on either side."""
    link = t.participant_link.c
    return select(link.absorbed).union_all(select(link.kept))


def _link_of(table: Any) -> ColumnElement[bool]:
    link = t.participant_link.c
    return and_(link.bucket == table.c.bucket, link.absorbed == table.c.participant)


def _answer_columns(a: Alias | Any, person: ColumnElement[int]) -> list[Any]:
    return [
        (person % BUCKETS).label("bucket") if person is not a.c.participant else a.c.bucket,
        person.label("person"),
        a.c.participant,
        a.c.wave,
        a.c.question,
        a.c.loop,
        a.c.question_version.label("version"),
        a.c.kind,
        a.c.value,
        a.c.other_text,
        a.c.answered_at,
    ]


def _response_columns(r: Any, person: ColumnElement[int]) -> list[Any]:
    return [
        (person % BUCKETS).label("bucket") if person is not r.c.participant else r.c.bucket,
        person.label("person"),
        r.c.wave,
        r.c.state,
        r.c.started_at,
        r.c.completed_at,
        *[r.c[name] for name in SEGMENTS],
        r.c.area,
    ]


def _in_cut(table: Any, cut: Cut, at: ColumnElement[int]) -> list[ColumnElement[bool]]:
    wanted = [table.c.consultation == cut.consultation, at < cut.as_of]
    return wanted if cut.wave is None else [*wanted, table.c.wave == cut.wave]


def _last(a: Any, cut: Cut) -> ColumnElement[bool]:
    """No later revision of the same answer before the cut."""
    later = t.answer.alias()
    key = ("bucket", "participant", "consultation", "wave", "question", "loop")
    return ~exists().where(
        *(later.c[name] == a.c[name] for name in key),
        later.c.answered_at < cut.as_of,
        (later.c.answered_at > a.c.answered_at)
        | and_(later.c.answered_at == a.c.answered_at, later.c.revision > a.c.revision),
    )


def _alone(cut: Cut, substantive: list[str], *, has_links: bool) -> Source:
    a = t.answer.alias()
    stands = [*_in_cut(a, cut, a.c.answered_at), a.c.kind != "cleared", _last(a, cut)]
    if has_links:
        stands.append(a.c.participant.not_in(_linked()))
    answers = select(*_answer_columns(a, a.c.participant)).where(*stands).subquery("answers")
    r = t.response.alias()
    wanted = _in_cut(r, cut, r.c.started_at)
    if has_links:
        wanted.append(r.c.participant.not_in(_linked()))
    columns = _response_columns(r, r.c.participant)
    return Source(
        answers=answers,
        responses=select(*columns).where(*wanted).subquery("responses"),
        valid=select(*columns)
        .where(*wanted, r.c.state == "accepted", _has_substance(r, cut, substantive))
        .subquery("valid"),
    )


def _has_substance(r: Any, cut: Cut, substantive: list[str]) -> ColumnElement[bool]:
    """RC1: at least one substantive answer given."""
    a = t.answer.alias()
    return exists().where(
        *(a.c[name] == r.c[name] for name in ("bucket", "participant", "consultation", "wave")),
        a.c.question.in_(substantive),
        a.c.kind == "given",
        a.c.answered_at < cut.as_of,
        _last(a, cut),
    )


def _joined(cut: Cut, substantive: list[str]) -> Source:
    """The same of participants that are joined, by person (RC15)."""
    a, r, link = t.answer, t.response, t.participant_link.c
    person = func.coalesce(link.kept, a.c.participant)
    place = func.row_number().over(
        partition_by=[person, a.c.wave, a.c.question, a.c.loop],
        order_by=[a.c.answered_at.desc(), a.c.revision.desc()],
    )
    ordered = (
        select(*_answer_columns(a, person), place.label("place"))
        .select_from(a.outerjoin(t.participant_link, _link_of(a)))
        .where(*_in_cut(a, cut, a.c.answered_at), a.c.participant.in_(_linked()))
        .subquery()
    )
    kept = [column for column in ordered.c if column.name != "place"]
    answers = (
        select(*kept)
        .where(ordered.c.place == 1, ordered.c.kind != "cleared")
        .cte("joined_answers")
    )
    responses = _joined_responses(cut, r, link)
    answered = (
        select(answers.c.person, answers.c.wave)
        .distinct()
        .where(answers.c.kind == "given", answers.c.question.in_(substantive))
        .subquery()
    )
    valid = (
        select(responses)
        .join(
            answered,
            and_(answered.c.person == responses.c.person, answered.c.wave == responses.c.wave),
        )
        .where(responses.c.state == "accepted")
        .cte("joined_valid")
    )
    return Source(answers=answers, responses=responses, valid=valid)


def _joined_responses(cut: Cut, r: Any, link: Any) -> FromClause:
    """One row per person and wave that had begun before the cut; the later of joined ones."""
    person = func.coalesce(link.kept, r.c.participant)
    place = func.row_number().over(
        partition_by=[person, r.c.wave],
        order_by=[case((r.c.state == "accepted", 0), else_=1), r.c.started_at.desc()],
    )
    ordered = (
        select(*_response_columns(r, person), place.label("place"))
        .select_from(r.outerjoin(t.participant_link, _link_of(r)))
        .where(*_in_cut(r, cut, r.c.started_at), r.c.participant.in_(_linked()))
        .subquery()
    )
    kept = [column for column in ordered.c if column.name != "place"]
    return select(*kept).where(ordered.c.place == 1).cte("joined_responses")


def may_be_linked(consultation: str) -> FromClause:
    """Who may be followed from one wave to the next: they permitted it, or answered on paper.

    Files carry the participant's own mark, which paper asks for; a chat asks with a permission.
    """
    p, contact, link = t.permission, t.contact_point, t.participant_link.c
    permitted = (
        select(func.coalesce(link.kept, p.c.participant).label("person"))
        .select_from(p.outerjoin(t.participant_link, _link_of(p)))
        .where(p.c.consultation == consultation, p.c.purpose == "linking")
    )
    on_paper = (
        select(func.coalesce(link.kept, contact.c.participant).label("person"))
        .select_from(contact.outerjoin(t.participant_link, _link_of(contact)))
        .where(contact.c.channel == "import")
    )
    return permitted.union(on_paper).cte("may_be_linked")
