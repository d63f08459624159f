"""Who took part, by what known margins count: the table that weights are made from (ST3)."""

from __future__ import annotations

from sqlalchemy import CTE, Connection, and_, func, literal, select, union_all

from flows.consultation import Consultation, Role
from flows.margins import STRATA
from flows.readings import CompositionTable
from storage.cuts import codes


def read_composition(
    connection: Connection,
    definition: Consultation,
    answers: CTE,
    valid: CTE,
    variables: tuple[str, ...],
) -> CompositionTable:
    """Valid responses of the strata, and their answers to themes and support."""
    table = CompositionTable(variables=variables)
    a, v = answers.c, valid.c
    key = [q.id for role in (Role.THEMES, Role.SUPPORT) for q in definition.with_role(role)]
    segments = [v.residence, *[v[name] for name in variables]]
    people = (
        select(
            literal("").label("question"),
            literal(0).label("version"),
            v.wave,
            literal("").label("value"),
            *segments,
            func.count().label("n"),
        )
        .where(v.residence.in_(STRATA))
        .group_by(v.wave, *segments)
    )
    keys = [a.question, a.version, a.wave, a.value]
    given = (
        select(*keys, *segments, func.count())
        .join(valid, and_(v.person == a.person, v.wave == a.wave))
        .where(a.kind == "given", a.loop == 0, a.question.in_(key), v.residence.in_(STRATA))
        .group_by(*keys, *segments)
    )
    ordered = union_all(people, given).order_by(
        "question", "version", "wave", "value", "residence", *variables
    )
    for question, version, wave, value, stratum, *rest in connection.execute(ordered):
        table.question.append(question)
        table.version.append(version)
        table.wave.append(wave)
        table.value.append(codes(value))
        table.stratum.append(stratum)
        table.codes.append(tuple(rest[:-1]))
        table.n.append(rest[-1])
    return table
