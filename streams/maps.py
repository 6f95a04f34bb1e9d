"""Code maps: local codes of an institution to standard codes, for whole columns (step 2, decide).

A column with a mapping duty gets a companion ``X@`` with the standard code, null where there is none. The code is
looked up in the institution's map first (by ``local``, another column with the local code, where the rule names one),
then, where the standard's settings allow, taken as it is when it is a standard code itself. It counts only when what
the rule names agrees with the catalogue (a drug's dosage form and specification).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from standard.model import Check, MapKind, Standard, Table

ORG = "_org"
#: What a drug's entry in a map must share with the catalogue before it is believed.
DRUG_FIELDS = {
    "generic_name": "generic_name", "dosage_form": "dosage_form_code", "specification": "specification",
    "manufacturer": "manufacturer",
}  # fmt: skip


def mapped_name(column: str) -> str:
    """Name of the companion of a column with the standard code."""
    return column + "@"


def agrees(kind: str, entry: Mapping[str, Any], standard: Standard) -> bool:
    """Whether a map's entry names a code of the catalogue and, for a drug, all that the catalogue says of it."""
    found = standard.catalogues[cast(MapKind, kind)].get(str(entry.get("standard_code", "")))
    if found is None:
        return False
    if kind != "drug":
        return True
    return all(str(entry.get(mine, "")) == found.fields.get(theirs, "") for mine, theirs in DRUG_FIELDS.items())


@dataclass(slots=True)
class CodeMaps:
    """The maps of all institutions in memory: (institution, kind) → local code → standard code."""

    standard: Standard
    codes: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def apply(self, org: str, kind: str, entries: Iterable[Mapping[str, Any]], version: int) -> None:
        """Take entries of one map; entries that do not agree with the catalogue do not map."""
        known = dict(self.codes.get((org, kind), {}))
        for entry in entries:
            local = str(entry["local_code"])
            if agrees(kind, entry, self.standard):
                known[local] = str(entry["standard_code"])
            else:
                known.pop(local, None)
        self.codes[org, kind] = known  # replaced, not changed: a frame that is being decided keeps the old one
        self.versions[org] = max(version, self.versions.get(org, 0))

    def version(self, org: str) -> int:
        """How often the institution's maps were changed."""
        return self.versions.get(org, 0)


def with_mapped(frame: pl.DataFrame, table: Table, maps: CodeMaps) -> pl.DataFrame:
    """Add ``X@`` for every mapped column of the table. ``frame`` has the texts and the sender :data:`ORG`."""
    duties = {
        column: check
        for rule in table.rules
        for check in rule.flight
        if check.kind == "mapping"
        for column in check.columns
    }
    companions = [
        _mapped(frame, column.name, duties.get(column.name), column.maps, maps).alias(mapped_name(column.name))
        for column in table.columns
        if column.maps
    ]
    return frame.with_columns(companions)


def _mapped(
    frame: pl.DataFrame, column: str, duty: Check | None, kinds: tuple[MapKind, ...], maps: CodeMaps
) -> pl.Series:
    """Standard codes of a column: by the local code, then by the code itself, then as it is."""
    params: Mapping[str, Any] = duty.params if duty is not None else {}
    standard = maps.standard
    own = {
        code
        for kind in kinds
        if standard.settings["identity_maps"].get(kind, True)
        for code in standard.catalogues[kind]
    }

    def known(org: str, code: str) -> str | None:
        return next((found for kind in kinds if (found := maps.codes.get((org, kind), {}).get(code))), None)

    def sent_as(org: str, code: str) -> str | None:
        return known(org, code) or (code if code in own else None)

    found = _looked_up(frame, column, sent_as)
    if "local" in params:
        by_local = _looked_up(frame, params["local"], known)
        same = (by_local == found).fill_null(True)  # a code that contradicts the map of its own local code is no match
        found = by_local.zip_with(by_local.is_not_null(), found).zip_with(same, _none(1))
    return _agreeing(frame, found, params["agree"], kinds, standard) if "agree" in params else found


def _looked_up(frame: pl.DataFrame, column: str, look_up: Callable[[str, str], str | None]) -> pl.Series:
    """What ``look_up`` says of each row's institution and code; each pair is asked once. Plain Python: a dictionary
    look-up a row is as fast as joining columns, and much faster for a lone batch."""
    answers: dict[tuple[str, str], str | None] = {}
    found = []
    for pair in zip(frame[ORG].to_list(), frame[column].to_list(), strict=True):
        if pair not in answers:
            answers[pair] = None if pair[1] is None else look_up(*pair)
        found.append(answers[pair])
    return pl.Series("standard", found, dtype=pl.String)


def _none(length: int) -> pl.Series:
    return pl.repeat(None, length, dtype=pl.String, eager=True)


def _agreeing(
    frame: pl.DataFrame, found: pl.Series, agree: Mapping[str, str], kinds: tuple[MapKind, ...], standard: Standard
) -> pl.Series:
    """The codes whose catalogue entry agrees with what the row says, as far as the row says it."""
    catalogue = {code: entry for kind in reversed(kinds) for code, entry in standard.catalogues[kind].items()}
    right = pl.repeat(True, len(found), dtype=pl.Boolean, eager=True)
    for column, fact in agree.items():
        facts = {
            code: (catalogue[code].name if fact in ("name", "generic_name") else catalogue[code].fields.get(fact, ""))
            for code in found.unique().drop_nulls()
        }
        if facts:
            expected = found.replace_strict(facts, default=None, return_dtype=pl.String)
            said = frame[column].set(frame[column] == "-", None)
            right = right & ((said == expected) | (expected == "")).fill_null(True)
    return found.zip_with(right, _none(1))
