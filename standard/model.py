"""Typed, immutable description of the data standard: tables, columns, rules, code sets.

Everything here is plain data made by ``standard.load`` from the files in ``standard/data``; nothing here reads files,
touches frames or talks to a server.

**Rule vocabulary.** A rule has one or more *checks*; a row that fails any of them has one finding of that rule (the
first failing check in the order of severity, then of the list, names the column and the severity). Each check has a
``kind``, the ``columns`` it looks at (the first one is the column named in the finding), ``params`` and, optionally,
conditions under which it applies (``when``).

Checks with ``scope`` ``flight`` are decided from one message batch and evaluated in ``streams/rules``:

==============  =====================================================================================================
kind            violated when (only ``mandatory``, ``together``, ``any_filled`` look at empty values; every other kind
                is silent where a value it needs is empty, ``-`` or of the wrong type, because another rule says so)
==============  =====================================================================================================
mandatory       any of ``columns`` is not filled; "-" counts as filled where ``Column.dash_filled``
never           the conditions in ``when`` hold: together they are wrong
in_order        one of ``columns`` is filled although one before it is not
distinct        two of ``columns`` have the same value
empty           any of ``columns`` is filled ("-" is not)
together        some of ``columns`` are filled and others are not
any_filled      none of ``columns`` is filled
width           text longer than ``max`` or shorter than ``min`` characters; a number with more integer digits than fit
type            the text cannot be read as the column's type (number, timestamp, date8)
range           a number is not within ``min``/``max`` (closed), ``above``/``below`` (open), or is 0 with ``nonzero``
pattern         the text does not match ``format`` (a name in formats.csv) or ``regex``
code            the value is not in the code set ``code_set``, the list ``values`` or the ``dictionary``, or begins with
                none of ``prefixes``; or is in the list ``not_values``, or begins with one of ``not_prefixes``; with
                ``split`` each part between these separators
checksum        the check character of ``algorithm`` ``id_card`` (GB 11643), ``org_code`` (first 9 of the institution
                code, GB 11714), ``credit_code`` (GB 32100) or ``luhn`` is wrong, or the shape is
placeholder     the value is one of ``values`` or consists of one repeated character
date_order      ``columns[0]`` is after ``columns[1]`` by more than ``tolerance_minutes`` (default 0), or before it by
                more than ``max_hours``; with ``calendar`` on a later calendar day
not_future      a time is later than the arrival of the message by more than ``tolerance_minutes`` (default 5)
not_before      a time lies more than ``years`` before the time in ``columns[1]``
late            ``columns[1]`` (upload) is more than ``hours`` after ``columns[0]`` (business time)
arithmetic      ``left`` ``op`` ``right`` fails; op ``eq`` ``le`` ``ge`` ``abs_le``; terms below; ``tolerance``
                absolute (default 0), ``relative`` as a fraction of the right side
agree           text terms ``left`` and ``right`` differ (terms below)
sign            ``columns`` are negative where ``flag`` is in ``non_negative`` or not negative where it is in
                ``negative`` (or positive, with ``zero_ok``)
unique          the values of ``columns`` were already seen in the same sender's batch (the first row is kept)
sender          the institution of the row is not the institution that sent the message
mapping         the local code has no standard code: ``maps`` (list of department, fee, drug, item), ``name`` (column
                with the local name), ``local`` (column whose code is looked up first), ``agree`` (column: catalogue
                field). The severity is the setting ``unmapped_severity``
reference       the code is in ``dictionary`` (icd10, tcm, departments, a code set) and the name in ``columns[1]`` is
                not its name
sex, age        the diagnosis in ``columns[0]`` is restricted to another sex (``columns[1]``, GB/T 2261.1) or age
                (``columns[1]`` birth date YYYYMMDD at the time ``columns[2]``), by icd10_restrictions.csv; sex with
                ``dictionary: icd9cm3`` asks for that of the procedure
==============  =====================================================================================================

Numeric terms: a column name; a number; ``{product: [term, …]}``; ``{sum: […]}``; ``{abs: term}``; ``{max: […]}``;
``{sum_filled: [column, …]}`` where a column without value counts as 0; ``{days: [from, to]}`` whole days between two
calendar dates; ``{age_years: [birth date8, at timestamp]}``; ``{infant_age: [birth, at]}`` in days, or in months and
thirtieths of a month, as the setting ``infant_age_is`` says;
``{lookup: table-in-settings, column: name}`` (for instance doses a day by frequency code).
Text terms: a column name; ``{text: constant}``; ``{substr: [column, start, length]}`` from 0; ``{date8: timestamp}``;
``{id_sex: column}`` 1 or 2 by the 17th digit of an identity number.

Conditions: ``when: {COLUMN: {op: value}}``, all must hold; ops ``in`` / ``not_in`` (list of texts), ``filled`` (bool),
``prefix`` (list), ``above`` / ``below`` / ``at_least`` / ``at_most`` (numbers), ``age_below`` / ``age_at_least`` on a
birth date8 column: ``{CSRQ: {age_below: [14, TBRQ]}}``. In checks in flight also ``days_at_most`` (``[28, at]``, on a
birth date), ``matches`` (a regular expression), ``differs`` (another column with another value), ``procedure`` (a list
of kinds of procedures in icd9cm3.csv); and in place of a column ``any``, ``all`` or ``none`` with a list of conditions
of which one, all or none hold.

**Repeats.** Front pages repeat groups of columns (ten other diagnoses, ten procedures). ``groups`` of a table in
tables.yaml names them: group → role → columns. A check with ``for: GROUP`` stands for one check each, a condition with
``for`` in a list of ``any``, ``all`` or ``none`` for one condition each, and ``$role`` in it for the column in that
role (``standard.repeats``).

Checks with ``scope`` ``store`` need other rows or other tables; they carry a kind (``parent``, ``cross_table``,
``unique_store``, ``refund_store``, ``sum_store``, ``volume``, ``duplicate``, ``cross_record``, ``sex_store``,
``age_store``, ``dictionary_store``) and parameters, and are evaluated after landing by a ClickHouse query named after
the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

ColumnType = Literal["text", "number", "timestamp", "date8"]
Severity = Literal["error", "warning"]
Scope = Literal["flight", "store"]
Personal = Literal["", "name", "id_number", "phone", "address", "email", "card"]
MapKind = Literal["department", "fee", "drug", "item"]
Cadence = Literal["daily", "monthly"]
Variant = Literal["", "tcm"]

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a standard table. ``width`` is in characters; ``precision``/``scale`` are of a number."""

    name: str
    name_zh: str
    name_en: str
    type: ColumnType
    width: int | None = None
    precision: int | None = None
    scale: int | None = None
    key: bool = False
    mandatory: bool = False
    dash_filled: bool = False  # "-" satisfies a mandatory check (the agreed filler for text without data)
    code_set: str = ""
    personal: Personal = ""  # what to mask it as; empty = not personal
    maps: tuple[MapKind, ...] = ()  # code maps that give it a standard code, tried in order
    variant: Variant = ""  # empty: in every file; tcm: only in files of institutions of Chinese medicine
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """A reference to rows of ``table``: ``columns`` pairs (child column, parent column).

    References with the same non-empty ``group`` are alternatives: one of them has to exist.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One decision of a rule; see the module docstring for the kinds, parameters and conditions."""

    kind: str
    columns: tuple[str, ...]
    scope: Scope
    severity: Severity
    params: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    when: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the standard. ``pass_example``/``fail_example`` are rows (column → text) for its flight checks."""

    id: str
    table: str
    columns: tuple[str, ...]
    severity: Severity
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    checks: tuple[Check, ...]
    kind: str = ""
    source: str = ""
    confidence: str = ""
    generated: bool = False  # made from a column's type, width, code set; not written by hand
    pass_example: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    fail_example: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    also: tuple[str, ...] = ()  # other rules that its fail example cannot but violate in a whole row

    @property
    def flight(self) -> tuple[Check, ...]:
        """The checks decided from one batch."""
        return tuple(check for check in self.checks if check.scope == "flight")

    @property
    def store(self) -> tuple[Check, ...]:
        """The checks that need other rows."""
        return tuple(check for check in self.checks if check.scope == "store")


@dataclass(frozen=True, slots=True)
class Table:
    """One standard table. ``key`` are the primary key columns, the institution code first."""

    name: str
    name_zh: str
    name_en: str
    domain: Literal["patient", "outpatient", "inpatient"]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    biz_date: str  # the business-date column
    patient_key: str
    visit_key: str
    parents: tuple[Parent, ...]
    rules: tuple[Rule, ...]
    aliases: tuple[str, ...] = ()
    note: str = ""
    cadence: Cadence = "daily"  # monthly: sent as a whole once a month, so that no day of it can be missing
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: EMPTY)
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)  # columns by name

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({column.name: column for column in self.columns}))

    @property
    def org(self) -> str:
        """The column with the institution's code."""
        return self.key[0]

    def of_variant(self, variant: Variant) -> tuple[Column, ...]:
        """The columns of a file of this variant, in its order."""
        return tuple(column for column in self.columns if column.variant in ("", variant))


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code set."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A code set by name, with the standard that it comes from."""

    name: str
    codes: Mapping[str, Code]
    source: str

    def __contains__(self, code: object) -> bool:
        return code in self.codes


@dataclass(frozen=True, slots=True)
class Format:
    """A named official format; ``example`` matches ``regex``."""

    name: str
    regex: str
    example: str
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A standard code that local codes map to. ``fields`` hold what must agree (drugs: generic_name, dosage_form_code,
    specification, manufacturer; items: category)."""

    code: str
    name: str
    fields: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A sex or age restriction of a block of diagnoses: ``codes`` are inclusive (first, last) prefixes."""

    codes: tuple[tuple[str, str], ...]
    sex: str = ""  # GB/T 2261.1: 1 male, 2 female, empty no restriction
    min_days: int | None = None
    max_days: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Standard:
    """The whole standard, as loaded. ``version`` is a short hash of the data files and the settings."""

    version: str
    tables: Mapping[str, Table]
    code_sets: Mapping[str, CodeSet]
    formats: Mapping[str, Format]
    catalogues: Mapping[MapKind, Mapping[str, CatalogueEntry]]
    dictionaries: Mapping[str, Mapping[str, str]]  # code → name: icd10, icd9cm3, tcm
    procedures: Mapping[str, CatalogueEntry]  # by code of icd9cm3; fields kind, sex, level
    restrictions: tuple[Restriction, ...]
    settings: Mapping[str, Any]

    def table(self, name: str) -> Table | None:
        """A table by its name or alias, in any case; None when there is none."""
        wanted = name.upper()
        found = self.tables.get(wanted)
        return found or next((table for table in self.tables.values() if wanted in table.aliases), None)

    @property
    def daily(self) -> Mapping[str, Table]:
        """The tables that are sent day by day: what calendars and expectations are about."""
        return MappingProxyType({name: table for name, table in self.tables.items() if table.cadence == "daily"})

    @property
    def rules(self) -> Mapping[tuple[str, str], Rule]:
        """Every rule by (table, rule id)."""
        return MappingProxyType({(t.name, r.id): r for t in self.tables.values() for r in t.rules})
