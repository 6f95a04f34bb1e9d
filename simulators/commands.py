"""``sanjian simulate``, ``sanjian record`` and ``sanjian replay``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from sanjian import datadir
from sanjian.access import Credentials, read_file
from sanjian.errors import Misconfigured
from simulators.feed import Feed
from simulators.maps import write_maps
from simulators.messages import Message, Shape
from simulators.orgs import write_orgs
from simulators.scenarios import SCENARIOS, last_day, make_feed, midnight, scenario
from simulators.send import History, Pace, Sent, send, shown
from simulators.site import SHANGHAI
from simulators.targets import KafkaTarget, MemoryTarget, target_for

DEFAULT_TOPIC = "his.changes"
ORG_CODE = re.compile("[0-9A-Za-z]{22}")
Data = Annotated[Path, typer.Option("--data", envvar="SANJIAN_DATA_DIR", help="数据目录 · data directory")]
Topic = Annotated[str, typer.Option(help="Kafka 主题 · topic")]
Quiet = Annotated[bool, typer.Option("--quiet", help="不显示进度 · no progress bar")]


def simulate(
    scenario_name: Annotated[str, typer.Option("--scenario", help=f"场景 · scenario: {', '.join(SCENARIOS)}")] = "demo",
    orgs: Annotated[int | None, typer.Option(min=1, max=999, help="医疗机构数 · institutions")] = None,
    org: Annotated[
        str, typer.Option(help="只以这一家（测试）机构的代码发送 · send as this one (test) institution only")
    ] = "",
    days: Annotated[int | None, typer.Option(min=1, help="天数 · days")] = None,
    end: Annotated[str, typer.Option(help="最后一天，默认昨天 · last day, default yesterday")] = "",
    rate: Annotated[float, typer.Option(min=0, help="每秒行数，0 不限 · rows a second, 0 unlimited")] = 0,
    history_rate: Annotated[
        float | None,
        typer.Option(min=0, help="最后一天之前的每秒行数，默认同上 · before the last day, default the same"),
    ] = None,
    backdate: Annotated[
        bool,
        typer.Option(
            help="今天之前的消息带各自的发送时间（Kafka） · what was sent before today is stamped with its own time"
        ),
    ] = True,
    seed: Annotated[int, typer.Option(help="随机种子 · seed")] = 1,
    volume: Annotated[float | None, typer.Option(min=0.01, help="业务量倍数 · factor on the volume")] = None,
    manifest: Annotated[Path | None, typer.Option(help="写出预期结果 · write the expected result")] = None,
    to: Annotated[str, typer.Option(help="kafka://… 或 http://…，默认本机实例 · default: the running one")] = "",
    shape: Annotated[str, typer.Option(help="batch, debezium, debezium-schema")] = "batch",
    credentials: Annotated[
        Path | None,
        typer.Option(help="接入凭证文件，一份或按机构 · file of one client, or of institution → client"),
    ] = None,
    topic: Topic = DEFAULT_TOPIC,
    orgs_out: Annotated[Path | None, typer.Option(help="写出机构 · write the institutions")] = None,
    maps_out: Annotated[
        Path | None, typer.Option(help="写出对码表：.json 或目录 · write the code maps: .json, or a folder of tables")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只生成，不发送 · generate only")] = False,
    ledger_only: Annotated[
        bool,
        typer.Option(
            "--ledger-only",
            help="只写流水与汇总（默认 116 家一年），--to 为 chdb:/// 或 clickhouse:// · only ledger and sums, no rows",
        ),
    ] = False,
    data: Data = Path("data"),
    quiet: Quiet = False,
) -> None:
    """生成模拟医院的数据并发送 · make and send the data of simulated hospitals."""
    if ledger_only:
        sizes = {"orgs": orgs, "days": days, "volume": volume, "seed": seed}
        _write_ledger(
            to or f"chdb://{(data / 'clickhouse').resolve()}", _day(end) if end else last_day(datetime.now(UTC)), quiet,
            **{name: value for name, value in sizes.items() if value is not None},
        )  # fmt: skip
        return
    chosen = scenario(scenario_name)
    address = "" if dry_run else to or _running(data, "kafka")
    last = _day(end) if end else last_day(datetime.now(UTC))
    if org and not (ORG_CODE.fullmatch(org) and orgs in (None, 1)):
        raise Misconfigured("--org is the code (22 letters and digits) of the only institution; leave --orgs out.")
    feed = make_feed(
        chosen, last, seed, orgs=1 if org else orgs, days=days, volume=volume, shape=_shape(shape, address),
        raw=not address.startswith("http"), code=org,
    )  # fmt: skip
    if orgs_out is not None:
        write_orgs(feed.province.orgs, orgs_out)
    if maps_out is not None:
        write_maps(feed.province.maps, maps_out)
    target = MemoryTarget(keep=False) if dry_run else target_for(address, topic, _credentials(credentials))
    if backdate and isinstance(target, KafkaTarget):
        target.history_before = midnight(datetime.now(SHANGHAI).date())
    history = None if history_rate is None else History(midnight(last + timedelta(days=1)), Pace(history_rate or None))
    try:
        with target:
            sent = _send(feed, target, Pace(rate or None), history, quiet)
        feed.manifest.about["complete"] = True
    finally:
        if manifest is not None:
            feed.manifest.save(manifest)
    typer.echo(_summary(feed, sent))


def record(
    file: Annotated[Path, typer.Argument(help="NDJSON，.gz 压缩 · NDJSON, compressed by .gz")],
    source: Annotated[str, typer.Option("--from", help="kafka://…，默认本机实例 · default: the running one")] = "",
    topic: Topic = DEFAULT_TOPIC,
    seconds: Annotated[float | None, typer.Option(min=0, help="持续秒数，默认录到末尾 · default: up to now")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="最多条数 · at most")] = None,
    new_only: Annotated[bool, typer.Option("--new-only", help="只录新消息 · only what comes from now on")] = False,
    data: Data = Path("data"),
    quiet: Quiet = False,
) -> None:
    """录制主题中的消息（原始字节） · record the messages of a topic, byte by byte."""
    from simulators.record import record as record_topic

    with shown("录制 recording", count, quiet) as advance:
        found = record_topic(
            _bootstrap(source or _running(data, "kafka")), topic, file, seconds=seconds, most=count,
            from_end=new_only, seen=advance,
        )  # fmt: skip
    typer.echo(f"已录制 {found} 条消息 · {found} messages recorded in {file}")


def replay(
    file: Annotated[Path, typer.Argument(help="录制文件 · a recording")],
    speed: Annotated[float, typer.Option(min=0, help="倍速，0 为最快 · times as fast, 0 as fast as possible")] = 1.0,
    to: Annotated[str, typer.Option(help="kafka://…，默认本机实例 · default: the running one")] = "",
    topic: Topic = DEFAULT_TOPIC,
    data: Data = Path("data"),
    quiet: Quiet = False,
) -> None:
    """重放录制的消息：字节与时间不变，不产生实时告警 · replay a recording: same bytes and times, no live alerts."""
    from simulators.record import read_recording
    from simulators.replay import Tempo, in_order
    from simulators.replay import replay as replay_file

    if not file.exists():
        raise Misconfigured(f"There is no recording {file}.")
    target = KafkaTarget(_bootstrap(to or _running(data, "kafka")), topic)
    with shown("重放 replaying", None, quiet) as advance, target:
        recording = in_order(read_recording(file)) if speed else read_recording(file)
        found = replay_file(recording, target, Tempo(speed), advance)
    typer.echo(f"已重放 {found} 条消息 · {found} messages replayed")


def _send(feed: Feed, target: Any, pace: Pace, history: History | None, quiet: bool) -> Sent:
    total = len(feed.province.orgs) * len(feed.province.dates)
    with shown("发送 sending", total, quiet) as advance:
        done = 0

        def seen(_: Message) -> None:
            nonlocal done
            if feed.done > done:
                advance(feed.done - done)
                done = feed.done

        sent = send(feed, target, pace, seen, history)
        advance(total - done)
        return sent


def _write_ledger(address: str, last: date, quiet: bool, **sizes: Any) -> None:
    from clickhouse.client import ClickHouse
    from simulators.volume import Year, write
    from standard.load import load

    if not address.startswith(("chdb:///", "clickhouse://", "clickhouses://")):
        raise Misconfigured(f"--ledger-only writes to chdb:///… or clickhouse://…, not to {address!r}.")
    year = Year.until(last, **sizes)
    with ClickHouse(address) as clickhouse, shown("写入 writing", year.days, quiet) as advance:
        counts = write(clickhouse, load(), year, advance)
    typer.echo("\n".join(f"{table}: {rows}" for table, rows in counts.items()))


def _summary(feed: Feed, sent: Sent) -> str:
    totals = feed.manifest.totals()
    return (
        f"已发送 {sent.messages} 条消息、{sent.rows} 行（{sent.seconds:.1f} 秒）；预期接收 {totals['accepted']}、"
        f"拒收 {totals['rejected']}、警告 {totals['flagged']}、无法读取 {totals['unreadable']}\n"
        f"{sent.messages} messages, {sent.rows} rows sent; expected: {totals['accepted']} accepted, "
        f"{totals['rejected']} rejected, {totals['flagged']} flagged, {totals['unreadable']} unreadable"
    )


def _running(data: Path, what: str) -> str:
    found = str(datadir.read(data, datadir.RUNTIME).get(what, ""))
    if not found:
        raise Misconfigured(f"Nothing runs in {data}; start `sanjian up` or name an address.")
    return found


def _bootstrap(address: str) -> list[str]:
    if not address.startswith("kafka://"):
        raise Misconfigured(f"The address must begin with kafka://, not {address!r}.")
    return [part.removeprefix("kafka://") for part in address.split(",") if part]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"--end must look like 2026-11-20, not {text!r}.") from error


def _shape(text: str, address: str) -> Shape:
    if text not in ("batch", "debezium", "debezium-schema"):
        raise Misconfigured("--shape is batch, debezium or debezium-schema.")
    if text != "batch" and address.startswith("http"):
        raise Misconfigured("The gateway takes batches only; leave --shape out or send to kafka://.")
    return text  # type: ignore[return-value]


def _credentials(file: Path | None) -> Credentials | Mapping[str, Credentials] | None:
    """One client's credentials, or those of each institution, or those of SANJIAN_CLIENT_ID and _SECRET."""
    if file is None:
        client_id, secret = os.environ.get("SANJIAN_CLIENT_ID", ""), os.environ.get("SANJIAN_CLIENT_SECRET", "")
        return Credentials(client_id, secret) if client_id and secret else None
    content = read_file(file)
    one = Credentials.read(content)
    if one is not None:
        return one
    found = {org: Credentials.read(own) if isinstance(own, dict) else None for org, own in content.items()}
    if not found or None in found.values():
        raise Misconfigured(
            f"The file of credentials {file} must hold client_id and client_secret, or institution → both."
        )
    return {org: own for org, own in found.items() if own is not None}
