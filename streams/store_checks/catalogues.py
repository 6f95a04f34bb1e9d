"""Kinds that look into lists: ``dictionary_store``, ``sex_store``, ``age_store``; ``registered``: of institutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from standard.model import MapKind, Restriction, Standard
from streams.store_checks.joins import Decided, Join, Joins, Question, pairs_of
from streams.store_checks.sql import all_of, any_of, array, conditions, known, name, quoted, texts

#: GB/T 2261.1: only these two can contradict a restriction.
SEXES = ("1", "2")
DAY_SECONDS = 86_400


def dictionary_store(asked: Question, joins: Joins) -> Decided:
    """The code is not in the dictionary, or another column is not what the catalogue says of it."""
    params, row, column = asked.params, joins.row, asked.check.columns[0]
    code = row.code(column)
    applies = [conditions(asked.check.when, row), f"{code} NOT IN ('', '-')"]
    if "dictionary" in params:
        return Decided(all_of(applies), f"{code} NOT IN {texts(_codes(params['dictionary'], asked.standard))}")
    if "not_values" in params:
        by = row.raw(params["by"])
        excluded = (
            f"{by} = {quoted(value)} AND {code} IN {texts(codes)}" for value, codes in params["not_values"].items()
        )
        return Decided(all_of([*applies, row.filled(params["by"])]), any_of(excluded))
    entries = asked.standard.catalogues[cast(MapKind, params["catalogue"])]
    wrong = []
    for other, field in params["agree"].items():
        known_field = {entry.code: entry.fields[field] for entry in entries.values() if entry.fields[field]}
        wanted = f"transform({code}, {array(known_field)}, {array(known_field.values())}, '')"
        wrong.append(all_of([row.filled(other), f"{wanted} != ''", f"{row.raw(other)} != {wanted}"]))
    there = any_of(row.filled(other) for other in params["agree"])
    return Decided(all_of([*applies, f"{code} IN {texts(entries)}", there]), any_of(wrong))


def _codes(dictionary: str, standard: Standard) -> list[str]:
    if dictionary in standard.dictionaries:
        return list(standard.dictionaries[dictionary])
    if dictionary == "departments":
        return list(standard.catalogues["department"])
    return list(standard.code_sets[dictionary].codes)


def registered(asked: Question, joins: Joins) -> Decided:
    """The name is not the one that the institution was registered with."""
    row, column = joins.row, asked.check.columns[0]
    org = row.raw(asked.table.org)
    known_org = f"{org} IN (SELECT org FROM orgs FINAL WHERE orgs.name != '')"
    applies = all_of([conditions(asked.check.when, row), row.filled(column), known_org])
    return Decided(applies, f"({org}, {row.raw(column)}) NOT IN (SELECT org, orgs.name FROM orgs FINAL)")


def sex_store(asked: Question, joins: Joins) -> Decided:
    """The diagnosis or item belongs to the other sex than the patient's in the other table."""
    params, row, column = asked.params, joins.row, asked.check.columns[0]
    join = joins.to(params["table"], pairs_of(params["match"]))
    if params.get("catalogue") == "item":
        sexes = {code: e.fields["sex"] for code, e in asked.standard.catalogues["item"].items() if e.fields["sex"]}
        wanted = f"transform({row.code(column)}, {array(sexes)}, {array(sexes.values())}, '')" if sexes else "''"
    else:
        wanted = _first(row.raw(column), asked.standard, lambda limit: quoted(limit.sex) if limit.sex else None, "''")
    sex = params["sex"]
    there = f"{name(sex)} IN {texts(SEXES)}"
    applies = [conditions(asked.check.when, row), row.filled(column), joins.filled(join.pairs)]
    applies.append(f"{join.count(there)} > 0")
    agrees = join.some([sex], there, f"{join.found([sex]).raw(sex)} = {wanted}")
    return Decided(all_of(applies), f"{wanted} IN {texts(SEXES)} AND NOT {agrees}", (join,))


def age_store(asked: Question, joins: Joins) -> Decided:
    """The diagnosis does not fit the patient's age in days; the birth date is in the other table."""
    params, row, column = asked.params, joins.row, asked.check.columns[0]
    join = joins.to(params["table"], pairs_of(params["match"]))
    born = _born(join, params["birth"])
    at = row.moment(params["at"])
    days = f"intDiv(dateDiff('second', {join.found([params['birth']]).moment(params['birth'])}, {at}), {DAY_SECONDS})"
    least = _limit(row.raw(column), asked.standard, lambda limit: limit.min_days)
    most = _limit(row.raw(column), asked.standard, lambda limit: limit.max_days)
    applies = [conditions(asked.check.when, row), row.filled(column), row.filled(params["at"])]
    applies += [joins.filled(join.pairs), f"{join.count(born)} > 0"]
    fits = f"NOT ({known(f'{days} < {least}')} OR {known(f'{days} > {most}')})"
    return Decided(all_of(applies), f"NOT {join.some([params['birth']], born, fits)}", (join,))


def _born(join: Join, birth: str) -> str:
    return f"isNotNull({join.other.day(birth)})"


def _limit(code: str, standard: Standard, take: Callable[[Restriction], int | None]) -> str:
    def sql(limit: Restriction) -> str | None:
        days = take(limit)
        return None if days is None else str(int(days))

    return _first(code, standard, sql, "NULL")


def _first(code: str, standard: Standard, take: Callable[[Restriction], str | None], otherwise: str) -> str:
    """What the first restriction that covers the diagnosis says, of those that say something."""
    said = [(limit, value) for limit in standard.restrictions if (value := take(limit)) is not None]
    branches = [f"{_covers(limit, code)}, {value}" for limit, value in said]
    return f"multiIf({', '.join([*branches, otherwise])})" if branches else otherwise


def _covers(limit: Restriction, code: str) -> str:
    """``codes`` are inclusive (first, last) prefixes."""
    return any_of(
        f"substring({code}, 1, {len(first)}) >= {quoted(first)} AND substring({code}, 1, {len(last)}) <= {quoted(last)}"
        for first, last in limit.codes
    )
