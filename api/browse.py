"""The standard as people browse it: tables, columns, rules and lists of codes as answers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from api.indicators.names import SEVERITIES
from api.models_standard import (
    CheckAnswer,
    CodeAnswer,
    CodeSetAnswer,
    CodeSetKind,
    ColumnAnswer,
    ParentAnswer,
    RuleAnswer,
    RuleDetail,
    StandardAnswer,
    TableAnswer,
    TableDetail,
)
from standard.model import Column, ColumnType, Personal, Rule, Scope, Severity, Standard, Table

DOMAINS: Mapping[str, str] = {"patient": "患者", "outpatient": "门诊", "inpatient": "住院"}
TYPES: Mapping[ColumnType, str] = {"text": "文本", "number": "数值", "timestamp": "日期时间", "date8": "日期（8位）"}
PERSONAL: Mapping[Personal, str] = {
    "": "", "name": "姓名", "id_number": "证件号码", "phone": "电话", "address": "地址", "email": "电子邮箱",
    "card": "卡号",
}  # fmt: skip
CODE_KINDS: Mapping[CodeSetKind, str] = {"code_set": "值域", "dictionary": "字典", "catalogue": "对码目录"}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules are asked for; an empty text is no filter. ``text`` is looked for in id, columns and wording."""

    table: str = ""
    column: str = ""
    severity: Severity | None = None
    scope: Scope | None = None
    text: str = ""

    def takes(self, rule: Rule, columns_zh: Sequence[str]) -> bool:
        """Whether the rule is one of them."""
        return (
            self.table in ("", rule.table)
            and (not self.column or self.column in rule.columns)
            and self.severity in (None, rule.severity)
            and (self.scope is None or any(check.scope == self.scope for check in rule.checks))
            and has(self.text, rule.id, rule.zh, rule.en, *rule.columns, *columns_zh)
        )


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes: a code set, a dictionary, or the catalogue of a code map."""

    answer: CodeSetAnswer
    codes: Callable[[], Iterator[CodeAnswer]]


def has(text: str, *places: str) -> bool:
    """Whether ``text`` occurs in one of the places, in any case; an empty one always does."""
    wanted = text.strip().casefold()
    return not wanted or any(wanted in place.casefold() for place in places)


def paged(found: Sequence[Item], limit: int, offset: int) -> tuple[Sequence[Item], dict[str, Any]]:
    """One page, and the fields that say where it is."""
    page = found[offset : offset + limit]
    following = offset + len(page)
    return page, {
        "total": len(found), "limit": limit, "offset": offset,
        "next_offset": following if page and following < len(found) else None,
    }  # fmt: skip


def overview(standard: Standard) -> StandardAnswer:
    """Version, counts, settings."""
    tables, rules, lists = standard.tables.values(), list(standard.rules.values()), code_lists(standard)
    errors = sum(rule.severity == "error" for rule in rules)
    return StandardAnswer(
        version=standard.version, tables=len(tables), columns=sum(len(table.columns) for table in tables),
        rules=len(rules), errors=errors, warnings=len(rules) - errors, code_sets=len(lists),
        codes=sum(one.answer.codes for one in lists.values()), settings=_plain(standard.settings),
    )  # fmt: skip


def table_answer(table: Table) -> TableAnswer:
    """A table in the list of tables."""
    return TableAnswer(**_table(table))


def table_detail(standard: Standard, table: Table) -> TableDetail:
    """A table with its columns, parents and rules."""
    return TableDetail(
        **_table(table), version=standard.version,
        parents=[
            ParentAnswer(
                table=one.table, table_zh=standard.tables[one.table].name_zh, columns=dict(one.columns), group=one.group
            )
            for one in table.parents
        ],
        column_list=[_column(table, number, column) for number, column in enumerate(table.columns, 1)],
        rule_list=[rule_answer(table, rule) for rule in table.rules],
    )  # fmt: skip


def rules(standard: Standard, wanted: RuleFilter) -> list[RuleAnswer]:
    """The rules that are asked for, by table."""
    return [
        rule_answer(table, rule)
        for table in standard.tables.values()
        for rule in table.rules
        if wanted.takes(rule, _columns_zh(table, rule))
    ]


def rule_answer(table: Table, rule: Rule) -> RuleAnswer:
    """A rule in a list."""
    return RuleAnswer(**_rule(table, rule))


def rule_detail(standard: Standard, rule_id: str) -> RuleDetail | None:
    """A rule with its checks and examples; None when there is none."""
    for table in standard.tables.values():
        for rule in table.rules:
            if rule.id == rule_id:
                checks = [
                    CheckAnswer(
                        kind=check.kind, columns=list(check.columns), scope=check.scope, severity=check.severity,
                        params=_plain(check.params), when=_plain(check.when),
                    )
                    for check in rule.checks
                ]  # fmt: skip
                return RuleDetail(
                    **_rule(table, rule), checks=checks, pass_example=dict(rule.pass_example),
                    fail_example=dict(rule.fail_example),
                )  # fmt: skip
    return None


def code_lists(standard: Standard) -> Mapping[str, CodeList]:
    """Every list of codes by name; the three kinds share no name."""
    used: dict[str, list[str]] = {}
    called: dict[str, tuple[str, str]] = {}
    for table in standard.tables.values():
        for column in table.columns:
            for name in (column.code_set, *column.maps):
                used.setdefault(name, []).append(f"{table.name}.{column.name}")
                called.setdefault(name, (column.name_zh, column.name_en))

    def listed(name: str, kind: CodeSetKind, source: str, codes: Sequence[CodeAnswer]) -> CodeList:
        zh, en = called.get(name, ("", ""))
        about = CodeSetAnswer(
            name=name, kind=kind, kind_zh=CODE_KINDS[kind], codes=len(codes), source=source,
            used_by=used.get(name, []), called_zh=zh, called_en=en,
        )  # fmt: skip
        return CodeList(about, lambda: iter(codes))

    found: dict[str, CodeList] = {}
    for name, code_set in standard.code_sets.items():
        codes = [_code(code.code, code.name_zh, code.name_en) for code in code_set.codes.values()]
        found[name] = listed(name, "code_set", code_set.source, codes)
    for name, names in standard.dictionaries.items():
        found[name] = listed(name, "dictionary", "", [_code(code, called) for code, called in names.items()])
    for kind, entries in standard.catalogues.items():
        codes = [_code(one.code, one.name, fields=one.fields) for one in entries.values()]
        found[kind] = listed(kind, "catalogue", "", codes)
    return found


def _table(table: Table) -> dict[str, Any]:
    return {
        "table": table.name, "name_zh": table.name_zh, "name_en": table.name_en, "domain": table.domain,
        "domain_zh": DOMAINS[table.domain], "key": list(table.key), "biz_date": table.biz_date,
        "patient_key": table.patient_key, "visit_key": table.visit_key, "columns": len(table.columns),
        "rules": len(table.rules), "aliases": list(table.aliases), "note": table.note,
    }  # fmt: skip


def _column(table: Table, number: int, column: Column) -> ColumnAnswer:
    digits = f"{column.precision},{column.scale}" if column.scale else str(column.precision or "")
    return ColumnAnswer(
        number=number, name=column.name, name_zh=column.name_zh, name_en=column.name_en, type=column.type,
        type_zh=TYPES[column.type], length=str(column.width) if column.width else digits, width=column.width,
        precision=column.precision, scale=column.scale, key=column.key, required=column.mandatory,
        dash_filled=column.dash_filled, code_set=column.code_set, maps=list(column.maps), personal=column.personal,
        personal_zh=PERSONAL[column.personal], rules=sum(column.name in rule.columns for rule in table.rules),
        note=column.note,
    )  # fmt: skip


def _rule(table: Table, rule: Rule) -> dict[str, Any]:
    return {
        "rule_id": rule.id, "table": table.name, "table_zh": table.name_zh, "severity": rule.severity,
        "severity_zh": SEVERITIES[rule.severity][0], "scope": sorted({check.scope for check in rule.checks}),
        "kind": rule.kind, "columns": list(rule.columns), "columns_zh": _columns_zh(table, rule), "zh": rule.zh,
        "en": rule.en, "fix_zh": rule.fix_zh, "fix_en": rule.fix_en, "source": rule.source,
        "confidence": rule.confidence, "generated": rule.generated,
    }  # fmt: skip


def _columns_zh(table: Table, rule: Rule) -> list[str]:
    known = table.by_name
    return [known[name].name_zh if name in known else name for name in rule.columns]


def _code(code: str, zh: str, en: str = "", fields: Mapping[str, str] | None = None) -> CodeAnswer:
    return CodeAnswer(code=code, name_zh=zh, name_en=en, fields=dict(fields or {}))


def _plain(value: Any) -> Any:
    """Read-only mappings and tuples as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
