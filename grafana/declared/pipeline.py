"""Health of our own pipeline, from ClickHouse, and from Prometheus where there is one."""

from __future__ import annotations

from grafana import columns as of
from grafana import meaning
from grafana.bindings import RANGE
from grafana.meaning import BAD, GOOD, MAIN, PLAIN, WARN
from grafana.model import Board, Column, Metrics, Panel, Section

_LAG_STEPS = ((None, GOOD), (60, WARN), (600, BAD))
_PER_SECOND = "suffix: 行/秒"


def _speed(field: str, zh: str, colour: str) -> Column:
    return Column(field, zh, unit=_PER_SECOND, colour=colour, decimals=1)


def _seconds(field: str, zh: str, colour: str) -> Column:
    return Column(field, zh, unit="s", colour=colour)


NOW = Panel(
    "现在",
    "pipeline_now",
    "stat",
    (
        Column("behind", "入库水位滞后", unit="s", steps=_LAG_STEPS),
        Column("waiting", "待处理消息", unit="locale", colour=PLAIN),
        Column("watched", "距监测上次运行", unit="s", steps=((None, GOOD), (120, WARN), (600, BAD))),
        Column("holding", "成立的告警条件", unit="locale", colour=PLAIN),
    ),
    RANGE,
    "监测最近一次运行所见。单位：秒、条。",
    "水位滞后：检查 worker 与 ClickHouse；监测未运行：检查 worker 是否有主。",
    width=24,
    height=5,
    empty="监测近一天没有运行：检查 sanjian worker",
)
RATE = Panel(
    "每秒入库行数",
    "pipeline_rate",
    "timeseries",
    (
        of.time(),
        _speed("accepted", "入库", MAIN),
        _speed("rejected", "拒收", BAD),
        _speed("unreadable", "无法读取", WARN),
        _speed("repeated", "重复", PLAIN),
    ),
    RANGE,
    "按入库时刻，含测试机构（看的是负载）。单位：行/秒。",
    "低于到达速度且积压增加：增加 worker（不超过分区数）。",
)
LATENCY = Panel(
    "端到端延迟 p50 / p99",
    "pipeline_latency",
    "timeseries",
    (of.time(), _seconds("p50", "p50", MAIN), _seconds("p99", "p99", BAD), _seconds("work_p99", "处理 p99", WARN)),
    RANGE,
    "从到达 Kafka 到写入 ClickHouse；处理为取出消息到写完。超过 1 小时的（补传历史）不计。单位：秒。",
    "只有端到端高：积压，增加 worker；处理也高：看 ClickHouse 写入延迟。",
)
LAG = Panel(
    "Kafka 积压",
    "pipeline_lag",
    "timeseries",
    (of.time(), Column("waiting", "待处理消息", unit="locale", colour=MAIN), _seconds("behind", "水位滞后", BAD)),
    RANGE,
    "监测每次运行所见：待处理的消息数，和已全部入库的时刻距当时多久。单位：条、秒。",
    "持续上升：增加 worker，或检查 ClickHouse 是否拒绝写入。",
)
INSERTS = Panel(
    "ClickHouse 写入延迟",
    "pipeline_inserts",
    "timeseries",
    (of.time(), _seconds("p50", "p50", MAIN), _seconds("p99", "p99", BAD)),
    RANGE,
    "worker 做好流水到 ClickHouse 收下的时间。单位：秒。",
    "升高：检查 ClickHouse 磁盘、合并（parts 过多）和时钟。",
)
GAPS = Panel(
    "流水缺口",
    "pipeline_ledger_gaps",
    "table",
    (
        Column("topic", "主题编号", "text", width=220),
        Column("partition", "分区", decimals=0),
        Column("first", "最早位置", decimals=0),
        Column("last", "最新位置", decimals=0),
        of.count("missing", "缺少消息", steps=of.NONE_AT_ALL, cell="background"),
        of.moment("newest", "最近入库"),
    ),
    RANGE,
    "近两天有消息的每个分区，最近 10 万个位置中流水缺少的消息数，应为 0。单位：条。",
    "大于 0：运行 sanjian audit --repair 补齐。",
    width=14,
    height=9,
)
LETTERS_OPEN = Panel(
    "近 7 天未处理的死信",
    "pipeline_letters_open",
    "table",
    (
        Column("org", "机构代码", "text"),
        of.table(),
        of.count("letters", "死信", steps=of.NONE_AT_ALL),
        Column("why", "原因", "text"),
        of.moment("last_at", "最近"),
    ),
    RANGE,
    "完全读不出的消息，之后也没有被成功重传或重投。单位：条。",
    "sanjian deadletters list 查看，改正后 redrive，或请机构重发。",
    width=10,
    height=9,
    empty="没有未处理的死信",
)
LETTERS = Panel(
    "死信",
    "pipeline_letters",
    "timeseries",
    (of.time(), of.name("原因"), of.count("letters", "死信")),
    RANGE,
    "读不出的消息，按原因。单位：条。",
    "突然增多：某机构的发送程序坏了，按上表联系。",
    empty="没有死信",
    custom={"drawStyle": "bars", "fillOpacity": 60, "stacking": {"mode": "normal", "group": "A"}},
)
WORKERS = Panel(
    "各 worker 每秒行数",
    "pipeline_workers",
    "timeseries",
    (of.time(), of.name("worker"), Column("rows", "行", unit=_PER_SECOND)),
    RANGE,
    "每个 worker 入库的速度。单位：行/秒。",
    "某个 worker 为 0：检查它的日志，或分区数少于 worker 数。",
)
DELIVERIES = Panel(
    "近一天的告警发送",
    "pipeline_deliveries",
    "table",
    (
        Column(
            "state",
            "状态",
            "text",
            words=meaning.words(
                {
                    "pending": "待发送",
                    "leased": "发送中",
                    "delivered": "已发送",
                    "failed": "失败待重试",
                    "dead": "已放弃",
                },
                {"delivered": GOOD, "failed": WARN, "dead": BAD},
            ),
            cell="background",
        ),
        of.count("deliveries", "条数"),
    ),
    RANGE,
    "发往企业微信、钉钉、邮件、webhook 的告警，按最新状态。单位：条。",
    "有「已放弃」：在「告警渠道」检查地址并重发。",
    width=24,
    height=6,
    empty="近一天没有告警发送",
)

PROMETHEUS = (
    Metrics(
        "行/秒（Prometheus）",
        (("sum by (outcome) (rate(sanjian_rows_total[5m]))", "{{outcome}}"),),
        "worker 的计数器。单位：行/秒。",
        "同「每秒入库行数」。",
        _PER_SECOND,
    ),
    Metrics(
        "一轮处理时间 p50 / p99",
        (
            ("histogram_quantile(0.5, sum by (le) (rate(sanjian_run_seconds_bucket[5m])))", "p50"),
            ("histogram_quantile(0.99, sum by (le) (rate(sanjian_run_seconds_bucket[5m])))", "p99"),
        ),
        "worker 从取出一批消息到写完流水。单位：秒。",
        "同「端到端延迟」。",
        "s",
    ),
    Metrics(
        "各分区积压",
        (("sum by (partition) (sanjian_lag_messages)", "分区 {{partition}}"),),
        "还不在流水中的消息。单位：条。",
        "同「Kafka 积压」。",
        "locale",
    ),
    Metrics(
        "等待服务",
        (("sum by (step) (rate(sanjian_not_now_total[5m]))", "{{step}}"),),
        "ClickHouse 或 Kafka 暂时拒绝的次数。单位：次/秒。",
        "持续不为 0：检查该服务。",
        "cps",
    ),
    Metrics(
        "监测",
        (
            ("max(sanjian_watch_behind_seconds)", "水位滞后"),
            ("time() - max(sanjian_watch_last_timestamp_seconds)", "距上次运行"),
        ),
        "监测自己的情况。单位：秒。",
        "同「现在」。",
        "s",
    ),
    Metrics(
        "API 请求 p99",
        (("histogram_quantile(0.99, sum by (le) (rate(sanjian_api_request_seconds_bucket[5m])))", "p99"),),
        "接口响应时间。单位：秒。",
        "升高：看 ClickHouse 查询是否变慢。",
        "s",
    ),
)

BOARD = Board(
    "sanjian-pipeline",
    "管道健康",
    "我们自己的管道：速度、延迟、积压、流水缺口、死信、发送。",
    (),
    (
        Section("现在", (NOW,)),
        Section("速度与延迟", (RATE, LATENCY, LAG, INSERTS)),
        Section("缺口与死信", (GAPS, LETTERS_OPEN, LETTERS, WORKERS)),
        Section("告警发送", (DELIVERIES,)),
        Section("Prometheus（可选）", PROMETHEUS, folded=True),
    ),
    start="now-6h",
    refresh="30s",
)
