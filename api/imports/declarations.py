"""Declared figures as a table: a line an institution and month, a column a quantity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from api.imports.known import Known, name_field, org_field
from api.imports.plan import Kind
from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import money, month, whole
from api.sheets import SheetColumn
from clickhouse.declarations import QUANTITIES, Declaration

#: More than any institution turns over in a month (yuan), or sees (visits).
MOST = 100_000_000_000
_SHOWN: Mapping[str, Callable[[object], object]] = {
    "money": lambda value: value, "int": lambda value: int(Decimal(str(value))),
}  # fmt: skip
_READERS = {"money": money(MOST), "int": whole(0, MOST)}


@dataclass(frozen=True, slots=True)
class DeclaredMonth:
    """What an institution declares for a month; a quantity that it does not declare is not in ``figures``."""

    org: str
    month: date
    figures: Mapping[str, Decimal]

    def declarations(self) -> list[Declaration]:
        """One declaration a quantity."""
        return [Declaration(self.org, self.month, name, value) for name, value in self.figures.items()]


def months(declarations: Iterable[Declaration]) -> dict[tuple[str, date], DeclaredMonth]:
    """Declarations put together by institution and month."""
    found: dict[tuple[str, date], dict[str, Decimal]] = {}
    for one in declarations:
        found.setdefault((one.org, one.month), {})[one.quantity] = one.value
    return {key: DeclaredMonth(*key, figures) for key, figures in found.items()}


def kind(known: Known, today: date) -> Kind[DeclaredMonth]:
    """The kind of table, held against what is known; months after ``today`` cannot be declared."""
    fields = (
        org_field(),
        name_field(),
        Field(SheetColumn("month", "月份", "month", "text", 10), month, required=True,
              show=lambda day: f"{day:%Y-%m}"),
        *(
            Field(SheetColumn(name, one.zh, one.en, one.kind, 16), _READERS[one.kind],
                  show=_SHOWN[one.kind])
            for name, one in QUANTITIES.items()
        ),
    )  # fmt: skip

    def check(entry: DeclaredMonth) -> Iterable[tuple[str, Wrong]]:
        wrong = known.org_wrong(entry.org)
        if wrong:
            yield "org", wrong
        if not date(2000, 1, 1) <= entry.month <= today:
            yield "month", Wrong("range", least="2000-01", most=f"{today:%Y-%m}")
        for name, value in entry.figures.items():
            if QUANTITIES[name].kind == "int" and value != value.to_integral_value():
                yield name, Wrong("not_whole")
        for part in ("outpatient", "inpatient"):
            whole_, names = entry.figures.get(f"{part}_amount"), (f"{part}_drugs", f"{part}_consumables")
            parts = sum((entry.figures.get(name, Decimal(0)) for name in names), Decimal(0))
            if whole_ is not None and parts > whole_:
                zh, en = "不小于药品费与耗材费之和的金额", "at least the sum of drugs and consumables"
                yield f"{part}_amount", Wrong("pattern", zh=zh, en=en)

    return Kind("declarations", "申报", fields, _key, _make, check, _values)


def _key(values: Mapping[str, object]) -> tuple[object, ...]:
    return values["org"], values["month"]


def _make(values: Mapping[str, object], before: DeclaredMonth | None) -> DeclaredMonth:
    """An empty cell declares nothing and leaves what was declared."""
    figures = dict(before.figures) if before else {}
    for name in QUANTITIES:
        value = values.get(name)
        if value is not None:
            figures[name] = Decimal(str(value))
    assert isinstance(values["month"], date)
    return DeclaredMonth(str(values["org"]), values["month"], figures)


def _values(entry: DeclaredMonth) -> Mapping[str, object]:
    return {"org": entry.org, "month": entry.month, **entry.figures}
