"""The data dictionary as Markdown, Chinese or English, made from the loaded standard alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from standard.model import Column, Rule, Standard, Table

Language = Literal["zh", "en"]
FILES: dict[Language, str] = {"zh": "dictionary.zh-CN.md", "en": "dictionary.en.md"}

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("三监数据字典", "Sanjian data dictionary"),
    "made": (
        "本页由 `sanjian standard docs` 从 `standard/data` 生成，请勿手工修改。",
        "Written by `sanjian standard docs` from `standard/data`; do not edit by hand.",
    ),
    "tables": ("标准表", "Standard tables"),
    "table": ("表", "table"),
    "name": ("名称", "name"),
    "columns": ("字段", "columns"),
    "column": ("字段", "column"),
    "rules": ("规则", "rules"),
    "rule": ("规则", "rule"),
    "key": ("主键", "key"),
    "biz_date": ("业务日期", "business date"),
    "parents": ("上级引用", "parents"),
    "alias": ("别名", "also called"),
    "note": ("说明", "note"),
    "type": ("类型", "type"),
    "mandatory": ("必填", "mandatory"),
    "code_set": ("值域或对码", "code set or code map"),
    "personal": ("个人信息", "personal"),
    "severity": ("级别", "severity"),
    "where": ("判定位置", "evaluated"),
    "holds": ("要求", "what must hold"),
    "fix": ("如何整改", "how to fix"),
    "yes": ("是", "yes"),
    "dash": ("是，“-”算已填", 'yes, "-" counts'),
    "dash_only": ("“-”算已填", '"-" counts'),
    "error": ("错误（拒收）", "error (rejected)"),
    "warning": ("警告", "warning"),
    "flight": ("传输中", "in flight"),
    "store": ("入库后", "store"),
    "or": ("，", ", "),
    "code_sets": ("值域", "Code sets"),
    "code": ("代码", "code"),
    "source": ("来源", "source"),
    "alternatives": ("（以下任一）", " (one of)"),
    "reading": (
        "“传输中”的检查由一个批次本身判定；“入库后”的检查要看其他记录，由 ClickHouse 查询判定。"
        "每张表除下列规则外，还按字段定义自动检查：`<前缀>-T-<字段>` 类型、`<前缀>-W-<字段>` 长度、"
        "`<前缀>-M-<字段>` 必填（均为错误）、`<前缀>-C-<字段>` 值域（警告）；已有同类规则的字段不再重复检查。",
        "Checks in flight are decided from one batch; store checks need other rows and are ClickHouse queries. "
        "Besides the rules below every table is checked by its columns: `<prefix>-T-<column>` type, "
        "`<prefix>-W-<column>` width, `<prefix>-M-<column>` mandatory (errors) and `<prefix>-C-<column>` code set "
        "(warning), unless a rule below already does it.",
    ),
}


def render(standard: Standard, language: Language) -> str:
    """The whole page: tables, their columns and rules, code sets. The same standard gives the same text."""
    return "\n".join(_Page(standard, language).lines()) + "\n"


class _Page:
    def __init__(self, standard: Standard, language: Language) -> None:
        self.standard = standard
        self.chinese = language == "zh"

    def lines(self) -> Iterator[str]:
        tables = self.standard.tables.values()
        yield from (f"# {self.word('title')}", "", self.word("made"), "", self.word("reading"), "")
        yield from (f"## {self.word('tables')}", "")
        yield from self.grid(
            ("table", "name", "columns", "rules", "biz_date"),
            (
                (f"[{t.name}](#{t.name.lower()})", self.name(t), str(len(t.columns)), str(len(t.rules)), t.biz_date)
                for t in tables
            ),
        )
        for table in tables:
            yield from self.table(table)
        yield from (f"## {self.word('code_sets')}", "")
        for code_set in self.standard.code_sets.values():
            yield from (f"### {code_set.name}", "", f"{self.word('source')}: {code_set.source}", "")
            codes = (
                (code.code, code.name_zh if self.chinese else self.english(code)) for code in code_set.codes.values()
            )
            yield from self.grid(("code", "name"), codes)

    @staticmethod
    def english(code: object) -> str:
        """The English name of a code; its Chinese one where the source has none."""
        return str(getattr(code, "name_en", "") or getattr(code, "name_zh", ""))

    def table(self, table: Table) -> Iterator[str]:
        yield from (f"## {table.name}", "", f"{self.name(table)}", "")
        yield f"- {self.word('key')}: {' + '.join(table.key)}"
        yield f"- {self.word('biz_date')}: {table.biz_date}"
        if table.aliases:
            yield f"- {self.word('alias')}: {', '.join(table.aliases)}"
        for parent in table.parents:
            pairs = ", ".join(child if child == other else f"{child} → {other}" for child, other in parent.columns)
            head = self.word("parents") + (self.word("alternatives") if parent.group else "")
            yield f"- {head}: {parent.table} ({pairs})"
        if table.note:
            yield f"- {self.word('note')}: {table.note}"
        yield ""
        yield from self.grid(
            ("column", "name", "type", "mandatory", "code_set", "personal"),
            (self.column(column) for column in table.columns),
        )
        written = (rule for rule in table.rules if not rule.generated)
        yield from self.grid(("rule", "severity", "where", "holds", "fix"), (self.rule(rule) for rule in written))

    def column(self, column: Column) -> tuple[str, ...]:
        size = f"({column.width})" if column.width else ""
        size = f"({column.precision},{column.scale})" if column.precision else size
        mandatory = ("dash" if column.dash_filled else "yes") if column.mandatory else ""
        mandatory = mandatory or ("dash_only" if column.dash_filled else "")
        codes = " / ".join((*((column.code_set,) if column.code_set else ()), *(f"→ {kind}" for kind in column.maps)))
        name = column.name_zh if self.chinese else column.name_en
        return (
            column.name,
            name,
            f"{column.type}{size}",
            self.word(mandatory) if mandatory else "",
            codes,
            column.personal,
        )

    def rule(self, rule: Rule) -> tuple[str, ...]:
        places = [place for place, checks in (("flight", rule.flight), ("store", rule.store)) if checks]
        where = self.word("or").join(map(self.word, places))
        texts = (rule.zh, rule.fix_zh) if self.chinese else (rule.en, rule.fix_en)
        return (rule.id, self.word(rule.severity), where, *texts)

    def name(self, table: Table) -> str:
        return table.name_zh if self.chinese else table.name_en

    def word(self, name: str) -> str:
        return _WORDS[name][0 if self.chinese else 1]

    def grid(self, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
        yield f"| {' | '.join(map(self.word, heads))} |"
        yield f"|{' --- |' * len(heads)}"
        for row in rows:
            cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
            yield f"| {' | '.join(cells)} |"
        yield ""
