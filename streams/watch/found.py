"""What a detector gives back, and how it names tables and figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from standard.model import Standard
from streams.watch.conditions import Condition

#: So many names in a sentence; all of them are in the details.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong, and the keys of what cannot be judged now."""

    conditions: list[Condition] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


class Names:
    """Names of tables in both languages. A table that the standard does not know is its own name."""

    def __init__(self, names: Mapping[str, tuple[str, str]]) -> None:
        self._names = names

    @classmethod
    def of(cls, standard: Standard) -> Names:
        """The names of a standard."""
        return cls({name: (table.name_zh, table.name_en) for name, table in standard.tables.items()})

    def zh(self, table: str) -> str:
        """``门诊收费明细表 TB_MZ_SFMXB``."""
        return f"{self._names[table][0]} {table}" if table in self._names else table

    def en(self, table: str) -> str:
        """``TB_MZ_SFMXB (outpatient charges)``."""
        return f"{table} ({self._names[table][1]})" if table in self._names else table

    def list_zh(self, tables: Iterable[str]) -> str:
        """The first few, and how many there are."""
        some = list(tables)
        more = f"等 {len(some)} 张表" if len(some) > NAMED else ""
        return "、".join(self.zh(table) for table in some[:NAMED]) + more

    def list_en(self, tables: Iterable[str]) -> str:
        """The first few, and how many more there are."""
        some = list(tables)
        more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
        return ", ".join(self.en(table) for table in some[:NAMED]) + more


def percent(share: float) -> str:
    """``12.3%``."""
    return f"{share * 100:.1f}%"


def minute(moment: datetime) -> str:
    """``11-22 08:00``, in the zone that the time has."""
    return f"{moment:%m-%d %H:%M}"
