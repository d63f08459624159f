"""Who took part, by what known margins count: the table that weights are made from (ST3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select

from flows.consultation import Consultation, Role
from flows.margins import STRATA
from flows.readings import CompositionTable
from storage.cuts import codes
from storage.sources import Source


def read_composition(
    connection: Connection,
    definition: Consultation,
    listed: Sequence[Source],
    variables: tuple[str, ...],
) -> CompositionTable:
    """Valid responses of the strata, and their answers to themes and support."""
    table = CompositionTable(variables=variables)
    key = [q.id for role in (Role.THEMES, Role.SUPPORT) for q in definition.with_role(role)]
    for source in listed:
        statements = _people(source, variables), _given(source, key, variables)
        for statement in statements:
            for question, version, wave, value, stratum, *rest in connection.execute(statement):
                table.question.append(question)
                table.version.append(version)
                table.wave.append(wave)
                table.value.append(codes(value))
                table.stratum.append(stratum)
                table.codes.append(tuple(rest[:-1]))
                table.n.append(rest[-1])
    return table


def _people(source: Source, variables: tuple[str, ...]) -> Select[Any]:
    v = source.valid.c
    keys = [v.wave, literal("").label("value"), v.residence, *[v[name] for name in variables]]
    return (
        select(literal("").label("question"), literal(0), *keys, func.count())
        .where(v.residence.in_(STRATA))
        .group_by(*keys)
        .order_by(*keys)
    )


def _given(source: Source, key: Sequence[str], variables: tuple[str, ...]) -> Select[Any]:
    a, v = source.answers.c, source.valid.c
    keys = [a.question, a.version, v.wave, a.value, v.residence, *[v[name] for name in variables]]
    return (
        select(*keys, func.count())
        .select_from(source.valid)
        .join(source.answers, source.of_valid())
        .where(a.kind == "given", a.loop == 0, a.question.in_(key), v.residence.in_(STRATA))
        .group_by(*keys)
        .order_by(*keys)
    )
