"""Front pages of simulated stays agree with the inpatient tables; faults are found as the manifest says."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import typer
from dbfread import DBF
from typer.testing import CliRunner

from simulators.front_commands import write_front_pages
from simulators.front_faults import FAULTS, with_faults
from simulators.front_files import write_csv, write_dbf, write_xlsx
from simulators.front_pages import TABLE, FrontPages, front_pages
from simulators.manifest import Manifest
from simulators.messages import change_batch
from simulators.province import Province
from standard.load import load
from streams.decode import decode, read_rows
from streams.maps import CodeMaps
from tests.streams.unit.build import LIMIT, Sent, decider, records

SENT_AT = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)


@cache
def province() -> Province:
    """A hospital of each kind over half a month."""
    return Province(4, 15, date(2026, 10, 31), seed=5)


@cache
def pages() -> tuple[FrontPages, ...]:
    return tuple(front_pages(province()))


def decided(all_pages: Iterable[FrontPages]) -> Counter[tuple[str, str, str, str]]:
    """(org, biz_date, rule, severity) → findings, as the stream decides."""
    sent = [
        Sent(
            change_batch(one.org.org, TABLE, f"M{one.month}", SENT_AT, one.rows).value,
            timestamp=int(SENT_AT.timestamp() * 1000), key=one.org.org.encode(),
        )
        for one in all_pages
    ]  # fmt: skip
    decoded = decode(records(*sent), decider().tables, frozenset(one.org for one in province().orgs), LIMIT * 64)
    read_rows(decoded, decider().tables)
    assert not decoded.letters
    decision = decider().decide(decoded, CodeMaps(load()))
    if not decision.findings:
        return Counter()
    found = pl.concat(decision.findings)
    orgs = [message.org for message in decoded.messages]
    return Counter(
        (orgs[message], day.isoformat(), rule, severity)
        for message, day, rule, severity in found.select("_message", "biz_date", "rule_id", "severity").iter_rows()
    )


def test_front_pages_without_faults_violate_nothing() -> None:
    assert sum(len(one.rows) for one in pages()) > 100
    assert {one.variant for one in pages()} == {"", "tcm"}
    assert decided(pages()) == Counter()


def test_front_pages_agree_with_the_stays_charges_and_settlements() -> None:
    stays: dict[tuple[str, str], dict[str, str]] = {}
    charged, settled = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for sending in province().sendings():
        org = sending.site.org.org
        stays |= {(org, row["BAH"]): row for row in sending.rows.get("TB_ZY_CRYMXB", ()) if row["CYBZ"] == "1"}
        for row in sending.rows.get("TB_ZY_SFMXB", ()):
            charged[org, row["JZLSH"]] += round(float(row["MXXMSSJE"]) * 100)
        for row in sending.rows.get("TB_ZY_JSJLB", ()):
            settled[org, row["JZLSH"]] += round(float(row["FYJSZJE"]) * 100)
    seen = 0
    for one in pages():
        for row in one.rows:
            stay = stays[one.org.org, row["P3"]]
            visit = (one.org.org, stay["JZLSH"])
            who = (row["P4"], row["P5"], row["P2"], row["P27"])
            assert who == (stay["HZXM"], stay["HZXB"], stay["ZYCS"], stay["ZYTS"])
            assert (row["P22"], row["P25"]) == (stay["RYSJ"], stay["CYSJ"])
            assert (row["P28"], row["P321"]) == (stay["RYZDBM"], stay["CYZDBM"])
            assert round(float(row["P782"]) * 100) == charged[visit] == settled[visit]
            seen += 1
    assert seen == len(stays)


def test_findings_of_front_pages_with_faults_are_those_of_the_manifest() -> None:
    planted = Counter[str]()
    for seed in (7, 8, 9):
        manifest = Manifest()
        sent = [with_faults(one, 0.9, seed, manifest) for one in pages()]
        expected = Counter({(org, day, rule, s): n for (org, _, day, rule, s), n in manifest.findings.items()})
        assert decided(sent) == expected
        assert manifest.totals()["received"] == sum(len(one.rows) for one in sent)
        planted += manifest.planted
    assert set(planted) == {fault.kind for fault in FAULTS}


def columns(one: FrontPages) -> list[str]:
    return [column.name for column in load().tables[TABLE].of_variant(one.variant)]


@pytest.mark.parametrize(
    ("encoding", "separator", "header"),
    [("utf-8", ",", "codes"), ("utf-8-sig", "\t", "codes"), ("gb18030", ",", "names")],
)
def test_a_csv_file_holds_every_value(tmp_path: Path, encoding: str, separator: str, header: str) -> None:
    one = pages()[-1]
    spec = load().tables[TABLE].of_variant(one.variant)
    write_csv(tmp_path / "f.csv", spec, one.rows, encoding=encoding, separator=separator, header=header)  # type: ignore[arg-type]
    with (tmp_path / "f.csv").open(encoding=encoding, newline="") as file:
        first, *lines = csv.reader(file, delimiter=separator)
    assert first == [column.name if header == "codes" else column.name_zh for column in spec]
    assert [{c: v for c, v in zip(columns(one), line, strict=True) if v} for line in lines] == rows_of(one)


def test_an_xlsx_file_holds_every_value(tmp_path: Path) -> None:
    one = next(one for one in pages() if one.variant == "tcm")
    write_xlsx(tmp_path / "f.xlsx", load().tables[TABLE].of_variant("tcm"), one.rows[:20])
    with closing(openpyxl.load_workbook(tmp_path / "f.xlsx", read_only=True)) as book:
        first, *lines = book.worksheets[0].iter_rows(values_only=True)
    assert list(first) == columns(one)
    read = [{str(c): str(v) for c, v in zip(first, line, strict=True) if v is not None} for line in lines]
    assert read == rows_of(one)[:20]


def test_a_dbf_file_holds_every_value_and_more_columns_than_255(tmp_path: Path) -> None:
    one = pages()[0]
    spec = load().tables[TABLE].of_variant(one.variant)
    write_dbf(tmp_path / "f.dbf", spec, one.rows, date(2026, 11, 5))
    table = DBF(str(tmp_path / "f.dbf"), encoding="gbk", raw=True)
    assert (len(table.field_names), table.field_names) == (346, columns(one))
    read = [
        {name: text for name, value in record.items() if (text := value.decode("gbk").strip(" \0"))} for record in table
    ]
    assert read == rows_of(one)


def rows_of(one: FrontPages) -> list[dict[str, str]]:
    return [{column: value for column, value in row.items() if value} for row in one.rows]


@pytest.mark.parametrize("form", ["csv", "xlsx", "dbf"])
def test_the_command_writes_a_file_for_each_institution_and_month(tmp_path: Path, form: str) -> None:
    app = typer.Typer()
    app.command()(write_front_pages)
    arguments = [
        str(tmp_path / "out"), "--format", form, "--orgs", "2", "--days", "4", "--end", "2026-11-02", "--faults", "0.5",
        "--manifest", str(tmp_path / "m.json"), "--orgs-out", str(tmp_path / "orgs.json"),
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "out").glob(f"*.{form}"))) == 4
    told = sum(int(line.rpartition(" ")[2]) for line in result.output.splitlines())
    assert told == Manifest.load(tmp_path / "m.json").totals()["received"]
