"""What one would write without Sanjian: TB_MZ_SFMXB as a Pydantic model, one object a row, with the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, StringConstraints, create_model, model_validator

from standard.checksums import id_card, org_code
from standard.model import Standard, Table
from streams.maps import CodeMaps

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%d")
CENT = Decimal("0.01")


def _time(value: Any) -> Any:
    for shape in FORMATS:
        try:
            return datetime.strptime(value, shape)  # noqa: DTZ007 (Shanghai wall clock, as in the pipeline)
        except (TypeError, ValueError):
            continue
    return value


Time = Annotated[datetime, BeforeValidator(_time)]


class Charge(BaseModel):
    """The rules of the table that one row can break. The columns are added by :func:`charge_model`."""

    standard: ClassVar[Standard]
    maps: ClassVar[CodeMaps]
    arrived: ClassVar[datetime]
    sender: ClassVar[str]

    @model_validator(mode="after")
    def rules(self) -> Charge:
        """Raises ValueError with the ids of the violated rules of level error; warnings are worked out as well."""
        row: Any = self
        sets = self.standard.code_sets
        tolerance = timedelta(minutes=5)
        errors = {
            "SF01": row.YLJGDM != self.sender or not org_code(row.YLJGDM[:9]),
            "SF06": row.XGBZ not in sets["modify_flag"],
            "SF07": row.TBRQ < row.FYFSSJ or row.TBRQ > self.arrived + tolerance,
            "SF09": row.TFBZ not in sets["refund_flag"],
            "SF10": row.TFBZ == "2" and not row.BTFMXID,
            "SF11": (min(row.MXXMSSJE, row.MXXMYSJE, row.MXXMSL) < 0) != (row.TFBZ == "2"),
            "SF14": row.SFCJBM not in sets["charge_scene"],
            "SF15": abs(row.MXXMYSJE - row.MXXMDJ * row.MXXMSL) > CENT,
            "SF16": abs(row.MXXMSSJE) > abs(row.MXXMYSJE),
            "SF17": row.MXXMDJ < 0,
            "SF20": row.FYFSSJ > self.arrived + tolerance,
            "SF24": row.SFXMLBBM not in sets["treat_item_category"],
            "SF28": not row.KDYSBH or not row.KDYSXM,
        }
        warnings = {
            "SF07": row.TBRQ - row.FYFSSJ > timedelta(hours=72),
            "SF08": any(number and not id_card(number) for number in (row.KDYSSFZHM, row.ZXRYSFZHM)),
            "SF18": row.MXXMSL == 0 or abs(row.MXXMSL) > 9999,
            "SF19": row.FYFSSJ > row.SFJSSJ + tolerance,
            "SF23": row.SFCJBM == "2" and not row.YZMXID,
            "SF24": not self._mapped(("fee",), row.FYSRGLBM),
            "SF25": row.SFXMLBBM in ("01", "02", "03") and not self._mapped(("drug", "item"), row.MXXMBM),
            "SF27": not self._mapped(("department",), row.KDKSBM) or not self._mapped(("department",), row.ZXKSBM),
        }
        broken = [rule for rule, wrong in errors.items() if wrong]
        flagged = [rule for rule, wrong in warnings.items() if wrong]
        if broken:
            raise ValueError(",".join(broken + flagged))
        return self

    def _mapped(self, kinds: tuple[str, ...], code: str) -> bool:
        return any(
            code in self.maps.codes.get((self.sender, kind), ()) or code in self.standard.catalogues[kind]  # type: ignore[index]
            for kind in kinds
        )


def charge_model(table: Table) -> type[Charge]:
    """The model with the table's columns: types, widths, mandatory or not."""
    columns: dict[str, Any] = {}
    for column in table.columns:
        kind: Any = {"number": Decimal, "timestamp": Time}.get(column.type)
        kind = kind or Annotated[str, StringConstraints(strip_whitespace=True, max_length=column.width)]
        must = column.mandatory or column.key or column.name in ("MXXMYSJE", "MXXMDJ", "MXXMSL")
        # SF28 gives its own finding for these
        columns[column.name] = (kind, ...) if must and column.name not in ("KDYSBH", "KDYSXM") else (kind | None, None)
    return create_model("ChargeRow", __base__=Charge, **columns)


def validate(model: type[Charge], rows: list[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    """The rows that pass, and how many do not."""
    passed = []
    seen: set[str] = set()
    for row in rows:
        try:
            checked = model.model_validate(row)
        except ValueError:
            continue
        key = str(checked.SFMXID)  # type: ignore[attr-defined]
        if key in seen:
            continue
        seen.add(key)
        passed.append(checked.model_dump())
    return passed, len(rows) - len(passed)
