"""Every setting of Sanjian, in one class. Each is an environment variable ``SANJIAN_<NAME>`` or a line in ``.env``."""

from __future__ import annotations

import os
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

#: Where Docker and Kubernetes put secrets.
SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """Settings with their defaults; wrong or unsafe values are refused when the program starts.

    What must not stand in an environment is read from a file ``sanjian_<name>`` in ``secrets_dir``, for instance
    ``/run/secrets/sanjian_clickhouse``; the environment and ``.env`` come first.

    An empty ``kafka`` or ``clickhouse`` means the embedded part under ``data_dir``.
    """

    # a file .env may be shared with docker compose: names that are not ours are not our business
    model_config = SettingsConfigDict(
        env_prefix="SANJIAN_", env_file=".env", dotenv_filtering="match_prefix", extra="forbid", frozen=True
    )

    secrets_dir: Path = Field(
        SECRETS,
        description="Directory of files `sanjian_<name>`, each the value of a setting, as Docker mounts secrets",
    )
    data_dir: Path = Field(Path("data"), description="Where the embedded parts keep their files")
    host: str = Field("127.0.0.1", description="Address that the API and the pages listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port of the API and the pages; 0 takes a free one")

    metrics_port: int = Field(9100, ge=0, le=65535, description="Port of a worker's metrics (sanjian worker)")

    kafka: str = Field("", description="kafka://host:9092[,host:9092]; empty: the embedded broker")
    clickhouse: str = Field("", description="clickhouse://user:password@host:8123/db; empty: chdb in data_dir")
    clickhouse_replicated: bool = Field(
        False,
        description="ClickHouse is a cluster: tables are made with copies on all its servers (docs/operations.md)",
    )
    group: str = Field("sanjian", min_length=1, description="Consumer group of the workers")
    changes_topic: str = Field("his.changes", description="Where the records come in")
    deadletters_topic: str = Field("his.deadletters", description="What could not be read")
    alerts_topic: str = Field("sanjian.alerts", description="Alerts, key = institution")
    codemaps_topic: str = Field("sanjian.codemaps", description="Changes of code maps (compacted)")
    partitions: int = Field(6, ge=1, le=1000, description="Partitions of his.changes when it is created")
    replication: int = Field(1, ge=1, le=10, description="Replication of topics when they are created")

    accounts: str = Field("", description="postgresql://user:password@host/db; empty: SQLite in data_dir")
    token_minutes: int = Field(60, ge=1, le=1440, description="How long an access token of a machine works")
    session_idle_minutes: int = Field(60, ge=1, le=1440, description="A login ends after so long without a call")
    session_hours: float = Field(12.0, gt=0, le=168, description="A login ends after so long in any case")
    registration: bool = Field(True, description="Whether people may ask for an account themselves")
    trusted_proxies: str = Field(
        "", description="Addresses or networks of our own proxies, whose X-Forwarded-For is believed"
    )
    standard_settings: Path | None = Field(None, description="YAML file that overrides settings of the standard")

    max_message_bytes: int = Field(
        8 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024, description="Largest message taken; larger ones are unreadable"
    )
    submission_max_mb: int = Field(200, ge=1, le=2048, description="Largest file of front pages")
    submission_quota_mb: int = Field(4096, ge=1, description="All files of front pages on their way in")
    submissions_dir: Path | None = Field(
        None, description="Where files of front pages wait; shared by all API processes; empty: in data_dir"
    )

    run_max_bytes: int = Field(
        8_000_000, ge=1024, description="Messages of one partition are worked on together up to so many bytes"
    )
    run_max_messages: int = Field(5000, ge=1, description="… and up to so many messages")
    retry_max_seconds: float = Field(15.0, gt=0, description="Longest pause between tries while a server is away")
    clickhouse_memory_mb: int = Field(2048, ge=256, description="Memory limit of the embedded ClickHouse engine")

    rollup_seconds: float = Field(5.0, gt=0, description="How often days with new rows are summed up")
    watch_seconds: float = Field(30.0, gt=0, description="How often gaps, rates and open alerts are judged")
    delivery_seconds: float = Field(2.0, gt=0, description="How often waiting deliveries are sent")
    outage_minutes: float = Field(
        60.0, ge=0, description="After an outage of our own, hospitals have so long before anything counts as missing"
    )
    alert_clients: int = Field(5000, ge=1, description="Most websocket clients of one process")
    alert_clients_per_account: int = Field(
        20, ge=1, description="Most websocket clients of one user or machine in one process"
    )
    alert_buffer_bytes: int = Field(
        1024 * 1024, ge=65536, description="A websocket client that is so far behind is cut off; it can resume"
    )
    smtp: str = Field("", description="smtp://user:password@host:587 or smtps://…; empty: no e-mail is sent")
    smtp_from: str = Field("", description="Sender of e-mails")
    public_url: str = Field("", description="Address at which people reach this service; alerts link to it")

    grafana_url: str = Field("", description="Grafana that sanjian grafana push and pull talk to: https://host[/path]")
    grafana_token: str = Field("", description="Token of a Grafana service account that may write (role Admin)")
    grafana_user: str = Field("", description="Without a token: a Grafana user …")
    grafana_password: str = Field("", description="… and the password")
    grafana_clickhouse: str = Field(
        "", description="clickhouse://user:password@host:9000/db as Grafana reaches it, with a user that can only read"
    )
    grafana_webhook: str = Field("", description="Address of this service as Grafana reaches it; empty: public_url")
    grafana_client_id: str = Field("", description="Client whose id Grafana's webhook shows (sanjian client add) …")
    grafana_client_secret: str = Field("", description="… and its secret")

    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Files of secrets where there are any, after everything else."""
        secrets = Path(os.environ.get("SANJIAN_SECRETS_DIR") or SECRETS)
        files = (SecretsSettingsSource(settings_cls, secrets),) if secrets.is_dir() else ()
        return (init_settings, env_settings, dotenv_settings, *files)

    @field_validator("kafka")
    @classmethod
    def _kafka_address(cls, value: str) -> str:
        if value and not value.startswith("kafka://"):
            raise ValueError("SANJIAN_KAFKA must look like kafka://host:9092")
        return value

    @field_validator("clickhouse")
    @classmethod
    def _clickhouse_address(cls, value: str) -> str:
        if value and not value.startswith(("clickhouse://", "clickhouses://", "chdb://")):
            raise ValueError("SANJIAN_CLICKHOUSE must look like clickhouse://user:password@host:8123/database")
        return value

    @field_validator("accounts")
    @classmethod
    def _accounts_address(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
            raise ValueError("SANJIAN_ACCOUNTS must look like postgresql://user:password@host/database")
        return value

    @field_validator("grafana_url", "grafana_webhook")
    @classmethod
    def _web_address(cls, value: str, info: ValidationInfo) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f"SANJIAN_{str(info.field_name).upper()} must look like https://host")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _public_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("SANJIAN_PUBLIC_URL must look like https://sanjian.example.cn")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        for part in (part.strip() for part in value.split(",")):
            try:
                network = ip_network(part) if part else None
            except ValueError:
                raise ValueError("SANJIAN_TRUSTED_PROXIES must look like 10.0.0.5,10.1.0.0/16") from None
            if network is not None and network.prefixlen == 0:
                raise ValueError("SANJIAN_TRUSTED_PROXIES must not be everybody: name your proxies")
        return value

    @model_validator(mode="after")
    def _only_servers_are_replicated(self) -> Settings:
        if self.clickhouse_replicated and not self.clickhouse.startswith(("clickhouse://", "clickhouses://")):
            raise ValueError(
                "SANJIAN_CLICKHOUSE_REPLICATED needs SANJIAN_CLICKHOUSE, the address of a cluster's server"
            )
        return self

    @model_validator(mode="after")
    def _runs_hold_a_message(self) -> Settings:
        if self.run_max_bytes < self.max_message_bytes // 8:
            raise ValueError("SANJIAN_RUN_MAX_BYTES must be at least an eighth of SANJIAN_MAX_MESSAGE_BYTES")
        return self

    @cached_property
    def clickhouse_dsn(self) -> str:
        """The address of ClickHouse; the embedded engine when none is set."""
        return self.clickhouse or f"chdb://{(self.data_dir / 'clickhouse').resolve()}"

    @property
    def embedded_broker(self) -> bool:
        """Whether this process starts its own broker."""
        return not self.kafka

    @property
    def bootstrap(self) -> list[str]:
        """Broker addresses ``host:port`` of ``kafka``."""
        return [part.removeprefix("kafka://") for part in self.kafka.split(",") if part]

    @cached_property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of ``trusted_proxies``."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def tls(self) -> bool:
        """Whether people reach us over TLS: then cookies are sent over nothing else."""
        return self.public_url.startswith("https://")
