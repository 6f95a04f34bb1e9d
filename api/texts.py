"""The standard's wording for what the database keeps as ids."""

from __future__ import annotations

from typing import TypedDict

from standard.model import Standard


class Texts(TypedDict):
    """Fields that join a finding."""

    rule_zh: str
    rule_en: str
    fix_zh: str
    fix_en: str
    column_zh: str


class Wording:
    """Texts of rules and columns, indexed once: a page of findings asks a thousand times."""

    def __init__(self, standard: Standard) -> None:
        self._rules = dict(standard.rules)
        self._columns = {(t.name, c.name): c.name_zh for t in standard.tables.values() for c in t.columns}

    def of(self, table: str, rule_id: str, column: str) -> Texts:
        """The texts; a rule that a newer standard dropped keeps its id as its text."""
        rule = self._rules.get((table, rule_id))
        return Texts(
            rule_zh=rule.zh if rule else rule_id,
            rule_en=rule.en if rule else rule_id,
            fix_zh=rule.fix_zh if rule else "",
            fix_en=rule.fix_en if rule else "",
            column_zh=self._columns.get((table, column), ""),
        )
