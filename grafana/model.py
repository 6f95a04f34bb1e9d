"""What a board is made of. Plain data: ``render.py`` makes Grafana's JSON of it, tests and docs read the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

from grafana.sql import Bindings, panel_sql

#: What a column holds; the tests hold each query against it.
Kind = Literal["text", "number", "time"]
Look = Literal["stat", "table", "timeseries", "bargauge", "piechart", "state-timeline", "status-history", "barchart"]

#: Fixed, so that boards survive another data source's name.
CLICKHOUSE = {"type": "grafana-clickhouse-datasource", "uid": "sanjian-clickhouse"}
PROMETHEUS = {"type": "prometheus", "uid": "sanjian-prometheus"}
#: The folder of the boards and of the alert rules.
FOLDER_UID, FOLDER_TITLE = "sanjian", "三监 Sanjian"
#: Shown when a query gives nothing and the panel says nothing better.
NOTHING = "所选范围内没有数据"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a panel's result: how it is called, its unit, what its values mean.

    ``steps``: (value from which, colour), rising, the first one from None on; ``words``: a value mapping.
    ``link``: where a click leads. ``cell``: how a table paints it.
    """

    name: str
    zh: str
    kind: Kind = "number"
    unit: str = ""
    decimals: int | None = None
    steps: Sequence[tuple[float | None, str]] = ()
    words: Sequence[Mapping[str, Any]] = ()
    colour: str = ""
    width: int = 0
    cell: Literal["", "background", "bar"] = ""
    link: tuple[str, str] | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of one named query. ``red``: what to do when it is not as it should be."""

    title: str
    query: str
    look: Look
    columns: Sequence[Column]
    bindings: Bindings
    description: str
    red: str
    width: int = 12
    height: int = 8
    empty: str = NOTHING
    options: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    #: A time range of its own, whatever the board shows.
    last: str = ""

    @property
    def ident(self) -> int:
        """The same as long as title and query are: links to a single panel stay valid when others come and go."""
        return crc32(f"{self.title}/{self.query}/{self.look}".encode()) % 1_000_000 + 1

    @property
    def sql(self) -> str:
        """Its SQL, with macros and variables."""
        return panel_sql(self.query, self.bindings)

    @property
    def series(self) -> bool:
        """Whether the result is a time series: a time, texts that name the series, and numbers."""
        return self.look in ("timeseries", "state-timeline", "status-history")


@dataclass(frozen=True, slots=True)
class Metrics:
    """One picture of metrics in Prometheus, which is optional. ``targets``: (expression, legend)."""

    title: str
    targets: Sequence[tuple[str, str]]
    description: str
    red: str
    unit: str
    width: int = 8
    height: int = 8
    empty: str = "Prometheus 中没有数据；没有 Prometheus 时可忽略此行"

    @property
    def ident(self) -> int:
        """As of a panel."""
        return crc32(f"{self.title}/{self.targets[0][0]}".encode()) % 1_000_000 + 1


@dataclass(frozen=True, slots=True)
class Section:
    """A row of the board that can be folded; ``folded``: it is, and asks nothing until somebody opens it."""

    title: str
    panels: Sequence[Panel | Metrics]
    folded: bool = False

    @property
    def ident(self) -> int:
        """As of a panel."""
        return crc32(f"row/{self.title}".encode()) % 1_000_000 + 1


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice above the board. ``sql``: gives value and text; ``choices``: value → text, instead of it.

    ``every``: what stands in the SQL for "all"; None: there is no such choice. ``several``: more than one at once.
    """

    name: str
    zh: str
    sql: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    every: str | None = "''"
    several: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """A board. ``start``: its range of time; boards of a month hide the choice of one. ``refresh``: empty: by hand."""

    uid: str
    title: str
    description: str
    variables: Sequence[Variable]
    sections: Sequence[Section]
    start: str = "now-30d"
    refresh: str = ""
    ranged: bool = True

    @property
    def panels(self) -> list[Panel | Metrics]:
        """All panels, in order."""
        return [panel for section in self.sections for panel in section.panels]
