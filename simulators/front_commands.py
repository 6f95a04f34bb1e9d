"""``sanjian front-pages``: the front pages of simulated hospitals as files to upload."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from sanjian.errors import Misconfigured
from simulators.front_faults import with_faults
from simulators.front_files import write_csv, write_dbf, write_xlsx
from simulators.front_pages import TABLE, FrontPages, front_pages
from simulators.manifest import Manifest
from simulators.orgs import write_orgs
from simulators.province import Province
from simulators.scenarios import last_day
from standard.model import Standard


class Format(StrEnum):
    """What a file is written as."""

    csv = "csv"
    xlsx = "xlsx"
    dbf = "dbf"


def write_front_pages(
    folder: Annotated[
        Path, typer.Argument(help="目录，每家机构每月一个文件 · folder; a file an institution and month")
    ],
    form: Annotated[Format, typer.Option("--format", help="文件格式 · format")] = Format.csv,
    encoding: Annotated[str, typer.Option(help="CSV 编码：utf-8, utf-8-sig, gb18030 · of a CSV")] = "utf-8",
    names: Annotated[bool, typer.Option("--names", help="表头用中文名称 · Chinese names in the header")] = False,
    orgs: Annotated[int, typer.Option(min=1, max=999, help="医疗机构数 · institutions")] = 6,
    days: Annotated[int, typer.Option(min=1, help="天数 · days")] = 30,
    end: Annotated[str, typer.Option(help="最后一天，默认昨天 · last day, default yesterday")] = "",
    seed: Annotated[int, typer.Option(help="随机种子 · seed")] = 1,
    volume: Annotated[float, typer.Option(min=0.01, help="业务量倍数 · factor on the volume")] = 1.0,
    faults: Annotated[float, typer.Option(min=0, max=1, help="有问题的行所占比例 · share of rows with a fault")] = 0.0,
    manifest: Annotated[Path | None, typer.Option(help="写出预期结果 · write the expected result")] = None,
    orgs_out: Annotated[Path | None, typer.Option(help="写出机构 · write the institutions")] = None,
) -> None:
    """生成模拟医院的病案首页文件 · write the front pages of simulated hospitals as files."""
    try:
        last = date.fromisoformat(end) if end else last_day(datetime.now(UTC))
    except ValueError as error:
        raise Misconfigured(f"--end must look like 2026-10-31, not {end!r}.") from error
    province = Province(orgs, days, last, seed, volume)
    expected = Manifest(about={"front_pages": True, "seed": seed, "standard": province.standard.version})
    folder.mkdir(parents=True, exist_ok=True)
    for pages in front_pages(province):
        sent = with_faults(pages, faults, seed, expected)
        path = folder / f"{sent.org.org}-{sent.month:%Y%m}.{form}"
        _write(path, sent, province.standard, form, encoding, names)
        typer.echo(f"{path}: {len(sent.rows)}")
    if manifest is not None:
        expected.save(manifest)
    if orgs_out is not None:
        write_orgs(province.orgs, orgs_out)


def _write(path: Path, pages: FrontPages, standard: Standard, form: Format, encoding: str, names: bool) -> None:
    columns = standard.tables[TABLE].of_variant(pages.variant)
    header: Literal["codes", "names"] = "names" if names else "codes"
    if form is Format.csv:
        write_csv(path, columns, pages.rows, encoding=encoding, header=header)
    elif form is Format.xlsx:
        write_xlsx(path, columns, pages.rows, header)
    else:
        write_dbf(path, columns, pages.rows, pages.month)
