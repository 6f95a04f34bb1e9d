"""What every import is held against: institutions that are registered, tables of the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import Reader, code
from api.sheets import SheetColumn
from api.sheets.reading import Value
from clickhouse.schedule import EVERY
from standard.model import Standard

ORG_SHAPE = ("[0-9A-Za-z]{22}", "22 位字母和数字", "22 letters and digits")
_EVERY = frozenset({EVERY, "全部", "所有", "all"})
_TITLE = SheetColumn("org_name", "机构名称", "institution name", "text", 30)


@dataclass(frozen=True, slots=True)
class Known:
    """The institutions by code with their names, and the standard. ``sees``: the institutions that the caller may name,
    None for all of them."""

    orgs: Mapping[str, str]
    standard: Standard
    sees: frozenset[str] | None = None

    def org_wrong(self, org: str) -> Wrong | None:
        """Why an entry cannot be about this institution."""
        if self.sees is not None and org not in self.sees:
            return Wrong("other_org")
        return None if org in self.orgs else Wrong("unknown_org")

    def place_wrongs(self, org: str, table: str) -> list[tuple[str, Wrong]]:
        """Why an entry cannot be about this institution and table; ``*`` stands for all of them."""
        wrong = None if org == EVERY and self.sees is None else self.org_wrong(org)
        found = [("org", wrong)] if wrong else []
        return found if table == EVERY or table in self.standard.tables else [*found, ("table", Wrong("unknown_table"))]

    def name_of(self, org: str) -> str:
        """The name to show beside a code."""
        return "全部 all" if org == EVERY else self.orgs.get(org, "")

    def place_fields(self) -> tuple[Field, ...]:
        """The columns that say where something holds: institution, its name (only shown), table."""
        return (
            Field(SheetColumn("org", "机构代码", "institution", "text", 25), _or_every(code(*ORG_SHAPE)),
                  required=True),
            name_field(),
            Field(SheetColumn("table", "标准表", "table", "text", 20), self._table, required=True,
                  aliases=("表", "表名")),
        )  # fmt: skip

    def _table(self, value: Value) -> str:
        """A table by its name, alias or Chinese name."""
        text = str(value)
        if text.lower() in _EVERY:
            return EVERY
        table = self.standard.table(text) or next(
            (one for one in self.standard.tables.values() if one.name_zh == text), None
        )
        if table is None:
            raise Wrong("unknown_table")
        return table.name


def org_field() -> Field:
    """The column with the code of an institution."""
    return Field(SheetColumn("org", "机构代码", "institution", "text", 25), code(*ORG_SHAPE), required=True)


def name_field() -> Field:
    """The column with its name: for people, not looked at."""
    return Field(_TITLE, None)


def _or_every(read: Reader) -> Reader:
    def found(value: Value) -> object:
        return EVERY if isinstance(value, str) and value.lower() in _EVERY else read(value)

    return found
