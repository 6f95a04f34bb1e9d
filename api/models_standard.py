"""What the endpoints that show the standard answer: tables, columns, rules, code sets."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.models import Answer
from standard.model import ColumnType, MapKind, Personal, Scope, Severity


class StandardAnswer(Answer):
    """The standard as it is in force here; ``settings`` are what differs between platforms."""

    version: str = Field(examples=["1c778a09dcf3"], description="changes with every table, rule, code or setting")
    tables: int
    columns: int
    rules: int
    errors: int = Field(description="rules that reject a row")
    warnings: int = Field(description="rules that flag a row")
    code_sets: int
    codes: int
    settings: dict[str, Any]


class ParentAnswer(Answer):
    """A reference to rows of ``table``; those with the same non-empty ``group`` are alternatives."""

    table: str
    table_zh: str
    columns: dict[str, str] = Field(description="own column → column of that table")
    group: str


class TableAnswer(Answer):
    """A standard table; ``columns`` and ``rules`` are how many it has."""

    table: str = Field(examples=["TB_MZ_SFMXB"])
    name_zh: str
    name_en: str
    domain: Literal["patient", "outpatient", "inpatient"]
    domain_zh: str
    key: list[str] = Field(description="primary key, the institution code first")
    biz_date: str = Field(description="the column with the business date")
    patient_key: str
    visit_key: str
    columns: int
    rules: int
    aliases: list[str]
    note: str


class StandardTablesAnswer(Answer):
    """Every table, in the order of a patient's way."""

    version: str
    tables: list[TableAnswer]


class ColumnAnswer(Answer):
    """A column. ``length`` as people write it: 64, or 18,2 for a number."""

    number: int = Field(description="place in the table, from 1")
    name: str = Field(examples=["BRZSY"])
    name_zh: str
    name_en: str
    type: ColumnType
    type_zh: str
    length: str = Field(examples=["64", "18,2"], description="empty: not limited")
    width: int | None
    precision: int | None
    scale: int | None
    key: bool
    required: bool
    dash_filled: bool = Field(description='"-" counts as filled')
    code_set: str = Field(description="empty: none; see code-sets")
    maps: list[MapKind] = Field(description="code maps that give it a standard code")
    personal: Personal = Field(description="what it is masked as; empty: not personal")
    personal_zh: str
    rules: int
    note: str


class CheckAnswer(Answer):
    """One decision of a rule: its kind, parameters and conditions as in docs/standard."""

    kind: str
    columns: list[str]
    scope: Scope
    severity: Severity
    params: dict[str, Any]
    when: dict[str, Any]


class RuleAnswer(Answer):
    """A rule. ``scope``: flight (decided from a batch alone) or store (other rows are needed), or both."""

    rule_id: str = Field(examples=["SF03"])
    table: str
    table_zh: str
    severity: Severity
    severity_zh: str
    scope: list[Scope]
    kind: str
    columns: list[str]
    columns_zh: list[str]
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    source: str = Field(description="where the rule comes from")
    confidence: Literal["", "high", "medium", "low"] = Field(description="how sure that is; empty: a column's own rule")
    generated: bool = Field(description="true: it follows from the column's type, length or code set")


class RuleDetail(RuleAnswer):
    """With what is checked, and rows that pass and fail (invented values)."""

    checks: list[CheckAnswer]
    pass_example: dict[str, str]
    fail_example: dict[str, str]


class RulesAnswer(Answer):
    """One page of rules; ``next_offset`` is null on the last."""

    version: str
    total: int
    limit: int
    offset: int
    next_offset: int | None
    rules: list[RuleAnswer]


class TableDetail(TableAnswer):
    """A table with its columns, what it refers to, and its rules."""

    version: str
    parents: list[ParentAnswer]
    column_list: list[ColumnAnswer]
    rule_list: list[RuleAnswer]


CodeSetKind = Literal["code_set", "dictionary", "catalogue"]


class CodeSetAnswer(Answer):
    """A list of codes: a code set (值域), a dictionary (icd10, tcm) or the catalogue of a code map."""

    name: str = Field(examples=["gender"])
    kind: CodeSetKind
    kind_zh: str
    codes: int
    source: str
    used_by: list[str] = Field(description="TABLE.COLUMN", examples=[["TB_HZXX.XB"]])
    called_zh: str = Field(
        description="第一个使用它的列的名称 name of the first column that uses it", examples=["性别"]
    )
    called_en: str = Field(examples=["sex"])


class CodeSetsAnswer(Answer):
    """Every list of codes, by kind and name."""

    version: str
    code_sets: list[CodeSetAnswer]


class CodeAnswer(Answer):
    """One code; ``fields`` are what else a catalogue says of it (a drug's form, specification, …)."""

    code: str = Field(examples=["1"])
    name_zh: str
    name_en: str
    fields: dict[str, str]


class CodesAnswer(CodeSetAnswer):
    """One page of the codes of a list; ``total`` are those that fit what was asked for."""

    version: str
    total: int
    limit: int
    offset: int
    next_offset: int | None
    code_list: list[CodeAnswer]
