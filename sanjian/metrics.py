"""Every metric of Sanjian, declared once, with its meaning. Names begin with ``sanjian_``; labels never hold personal
values, and no institution either (their numbers are in ClickHouse)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

#: Our own registry: libraries that register in the global one do not show up by accident.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

# --- API ------------------------------------------------------------------------------------------------------------
API_REQUESTS = Counter(
    "sanjian_api_requests",
    "HTTP requests by route, method and status",
    ["route", "method", "status"],
    registry=REGISTRY,
)
API_SECONDS = Histogram(
    "sanjian_api_request_seconds",
    "Time to answer an HTTP request, by route",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
UPLOADS = Counter(
    "sanjian_uploads", "Batches sent to the gateway by result: queued, repeated, refused, not_now", ["result"],
    registry=REGISTRY,
)  # fmt: skip
UPLOAD_ROWS = Counter("sanjian_upload_rows", "Rows that the gateway handed to the broker", registry=REGISTRY)
UPLOAD_BYTES = Counter("sanjian_upload_bytes", "Bytes that the gateway handed to the broker", registry=REGISTRY)
UPLOADS_OPEN = Gauge("sanjian_uploads_open", "Uploads under way now", registry=REGISTRY)

# --- alerts over websockets -----------------------------------------------------------------------------------------
ALERT_CLIENTS = Gauge("sanjian_alert_clients", "Websocket clients that listen to alerts now", registry=REGISTRY)
ALERTS_SENT = Counter("sanjian_alerts_sent", "Alerts given to websocket clients", registry=REGISTRY)
ALERT_CLIENTS_SLOW = Counter(
    "sanjian_alert_clients_slow", "Websocket clients closed because they did not keep up", registry=REGISTRY
)
ALERT_CLIENTS_REFUSED = Counter(
    "sanjian_alert_clients_refused", "Websocket clients refused by limit: total, account", ["limit"], registry=REGISTRY
)
ALERT_RESUMES = Counter(
    "sanjian_alert_resumes",
    "Websocket clients that came back, by where what they missed was: ring, history, not_covered",
    ["source"],
    registry=REGISTRY,
)
ALERT_RECONNECTS = Counter(
    "sanjian_alert_reconnects", "Times that the alert hub had to connect to the broker again", registry=REGISTRY
)

# --- cases and their delivery ---------------------------------------------------------------------------------------
CASE_STEPS = Counter("sanjian_case_steps", "Steps of cases by action", ["action"], registry=REGISTRY)
DELIVERIES = Counter(
    "sanjian_deliveries", "Attempts to deliver a notice, by kind of channel and result: delivered, failed, dead",
    ["kind", "result"], registry=REGISTRY,
)  # fmt: skip
DELIVERIES_DUE = Gauge("sanjian_deliveries_due", "Deliveries that are to be sent now", registry=REGISTRY)

# --- the watch ------------------------------------------------------------------------------------------------------
LEADER = Gauge("sanjian_leader", "1 while this worker leads: watches, counts, delivers", registry=REGISTRY)
DUTY_SECONDS = Histogram(
    "sanjian_duty_seconds", "Duration of a duty of the leader",
    ["duty"], buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60), registry=REGISTRY,
)  # fmt: skip
WATCH_BUGS = Counter(
    "sanjian_watch_bugs", "Failures of parts of the watch; the rest goes on", ["part"], registry=REGISTRY
)
WATCH_LAST = Gauge("sanjian_watch_last_timestamp_seconds", "When the watch ran last", registry=REGISTRY)
WATCH_BEHIND = Gauge(
    "sanjian_watch_behind_seconds", "How long ago everything that had arrived has landed", registry=REGISTRY
)
WATCH_FIRING = Gauge("sanjian_watch_firing", "Conditions that hold now, by kind", ["kind"], registry=REGISTRY)
WATCH_WAITING = Gauge("sanjian_watch_waiting_days", "Days that are still to be judged", registry=REGISTRY)

# --- where the pipeline stands --------------------------------------------------------------------------------------
LAG = Gauge(
    "sanjian_lag_messages", "Messages of his.changes that are not in the ledger yet", ["partition"], registry=REGISTRY
)
BROKER_MEMORY = Gauge(
    "sanjian_broker_memory_bytes", "Memory that the embedded broker holds; 0 without one", registry=REGISTRY
)

# --- the pipeline ---------------------------------------------------------------------------------------------------
MESSAGES = Counter("sanjian_messages", "Messages that reached the ledger", registry=REGISTRY)
ROWS = Counter(
    "sanjian_rows", "Rows by outcome: accepted, rejected, unreadable, repeated", ["outcome"], registry=REGISTRY
)
ROWS_FLAGGED = Counter("sanjian_rows_flagged", "Accepted rows with a warning", registry=REGISTRY)
FINDINGS = Counter("sanjian_findings", "Rules violated by rows", registry=REGISTRY)
RUN_SECONDS = Histogram(
    "sanjian_run_seconds",
    "From taking a run of messages to its ledger rows",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
NOT_NOW = Counter("sanjian_not_now", "Tries that a server refused for the moment, by step", ["step"], registry=REGISTRY)
WAITING = Gauge("sanjian_waiting", "1 while a step waits for a server", ["step"], registry=REGISTRY)
BUGS = Counter("sanjian_bugs", "Failures that stopped the worker", registry=REGISTRY)
