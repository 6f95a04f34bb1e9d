"use strict";
/* Texts of the first page, Chinese first. */
const TEXT = {
  zh: {
    title: "医院数据质量实时监测", docs: "接口", health: "健康", metrics: "指标", other: "English",
    received_n: "接收", accepted_n: "入库", rejected_n: "拒收", flagged_n: "有警告", unreadable_n: "无法读取", findings_n: "问题",
    alerts_n: "告警", today: "今日{what}", total: "累计 {n}", receivedtoday: "今日接收", received: "累计接收", alerts: "最近告警", throughput: "处理速度", tenminutes: "10 分钟前", nowword: "现在",
    rows: "行", persecond: "行/秒", partitions: "消息分区", partition: "分区", newest: "最新位置", landed: "已入库位置", lagword: "待处理",
    lagnone: "全部处理完", lagsome: "待处理 {n} 条消息", orgs: "机构", org: "机构", rejectedrate: "拒收率", flaggedrate: "警告率", orgcount: "{n} 家",
    needtoken: "查看告警和机构明细需要访问令牌，只保存在本标签页。", token: "访问令牌", show: "查看", wrongtoken: "令牌无效",
    noalerts: "暂无告警", ours: "本平台", case_resolved: "已恢复", case_gap: "漏传", case_late: "迟传", case_anomaly_rate: "异常率", case_volume: "数据量异常",
    case_mapping: "对码率", case_association: "数据关联", case_schema_drift: "结构变化", case_pipeline: "平台管道", case_rejection: "拒收未改正",
    case_unreadable: "无法读取", rejectedrows: "拒收 {n} / {m} 行", unreadablerows: "无法读取", rejection_more: "另有 {n} 条规则",
    example: "例：第 {row} 行 {column} = {value}", nosender: "（发送方无法识别）",
    broker: "内嵌消息代理占用 {n} 内存：断电会丢失未入库的消息，已入库的不受影响。", external: "使用外部 Kafka。",
    clickhouse_on: "ClickHouse 正常", clickhouse_off: "ClickHouse 无响应", broker_on: "消息代理正常", broker_off: "消息代理无响应",
    worker_on: "处理正常", worker_off: "处理停滞", offline: "页面与服务断开，正在重试", at: "更新于 {t}", demo: "演示数据",
  },
  en: {
    title: "Real-time monitor of hospital data quality", docs: "API", health: "Health", metrics: "Metrics", other: "中文",
    received_n: "Received", accepted_n: "Accepted", rejected_n: "Rejected", flagged_n: "Flagged", unreadable_n: "Unreadable",
    findings_n: "Findings", alerts_n: "Alerts", today: "{what} today", total: "{n} in all", receivedtoday: "Today", received: "In all", alerts: "Last alerts", throughput: "Throughput", tenminutes: "10 minutes ago", nowword: "now",
    rows: "rows", persecond: "rows/s", partitions: "Partitions", partition: "Partition", newest: "Newest offset", landed: "Landed offset", lagword: "Lag",
    lagnone: "all landed", lagsome: "{n} messages waiting", orgs: "Institutions", org: "Institution", rejectedrate: "Rejected", flaggedrate: "Flagged", orgcount: "{n}",
    needtoken: "Alerts and institutions need an access token. It is kept in this tab only.", token: "Access token", show: "Show", wrongtoken: "The token is not valid",
    noalerts: "No alerts", ours: "this platform", case_resolved: "resolved", case_gap: "missing", case_late: "late", case_anomaly_rate: "anomaly rate",
    case_volume: "volume", case_mapping: "code mapping", case_association: "association", case_schema_drift: "schema drift",
    case_pipeline: "pipeline", case_rejection: "rejected, not mended", case_unreadable: "unreadable", rejectedrows: "{n} of {m} rows rejected", unreadablerows: "unreadable", rejection_more: "and {n} more rules",
    example: "e.g. row {row}: {column} = {value}", nosender: "(sender not readable)",
    broker: "The embedded broker holds {n} in memory. What is not landed yet is lost if the machine dies; landed data are not.", external: "An external Kafka is in use.",
    clickhouse_on: "ClickHouse answers", clickhouse_off: "ClickHouse does not answer", broker_on: "Broker answers", broker_off: "Broker does not answer",
    worker_on: "Worker progresses", worker_off: "Worker stands still", offline: "Not connected, trying again", at: "as of {t}", demo: "demonstration data",
  },
};
