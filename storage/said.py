"""What was said at a cut, for readers that go row by row: pairs of (answers, valid responses)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, and_

from flows.consultation import Consultation
from storage.cuts import Cut, answers_at, responses_at, substantive_ids, valid_responses


@dataclass(frozen=True, slots=True)
class Said:
    """The last of each answer before a cut, cleared ones left out; and the valid responses."""

    answers: FromClause
    valid: FromClause

    @property
    def belongs(self) -> ColumnElement[bool]:
        """Joins an answer to the valid response it belongs to."""
        a, v = self.answers.c, self.valid.c
        return and_(v.person == a.person, v.wave == a.wave)


def said_at(_connection: Connection, definition: Consultation, cut: Cut) -> list[Said]:
    """Everything said; whoever reads goes over every pair."""
    answers, asked = answers_at(cut), substantive_ids(definition)
    return [Said(answers, valid_responses(responses_at(cut), answers, asked))]
