"""``make compose-check``: our files are right, and every mistake that it is for is told in a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from docker.check import BASE, CLUSTER, OFFLINE, ROOT, problems
from docker.compose import load, merged

FOLDERS = ("docker/caddy", "docker/clickhouse", "docker/grafana", "docker/prometheus", "docker/secrets",
           "grafana/provisioning", "grafana/boards")  # fmt: skip
Change = Callable[[str, str, str], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of everything that is checked."""
    for name in (BASE, CLUSTER, OFFLINE, ".env.example", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path / name)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def change(root: Path) -> Change:
    """Puts one text in the place of another in a file of the copy."""

    def replace(name: str, old: str, new: str) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def test_our_files_are_right() -> None:
    assert list(problems()) == []


BROKEN = {
    "a key that the specification does not know": (
        BASE,
        "    stop_grace_period: 60s",
        "    stop_grace: 60s",
        "stop_grace",
    ),
    "a file that is not there": (
        BASE,
        "./docker/prometheus/prometheus.yml",
        "./docker/prometheus.yml",
        "mounts ./docker/prometheus.yml, which is",
    ),
    "a secret that nobody makes": (
        BASE,
        "docker/secrets/grafana_admin",
        "docker/secrets/grafana_root",
        "grafana_admin is not made by",
    ),
    "a volume that is not declared": (BASE, "  caddy-config:\n", "", "volumes lacks caddy-config"),
    "a volume that nobody uses": (
        BASE,
        "  caddy-config:\n",
        "  caddy-config:\n  old-data:\n",
        "No service names old-data",
    ),
    "a service that waits for nobody": (
        BASE,
        "      api:\n        condition",
        "      apis:\n        condition",
        "waits for apis",
    ),
    "a port given twice": (
        BASE,
        '    expose:\n      - "3000"\n',
        '    expose:\n      - "3000"\n    ports:\n      - 443:3000\n',
        "Port 443 of the host is given to 2 services",
    ),
    "no health check": (
        BASE,
        '    healthcheck:\n      test: ["CMD", "pg_isready", "-U", "sanjian", "-d", "sanjian"]\n',
        "    healthcheck:\n      disable: true\n",
        "accounts has no health check",
    ),
    "a health check with a program that the image may lack": (
        BASE,
        '["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090',
        '["CMD", "curl", "http://127.0.0.1:9090',
        "prometheus is checked with curl",
    ),
    "an image without version": (
        BASE,
        "prom/prometheus:v3.5.0",
        "prom/prometheus:latest",
        "prometheus has no pinned version",
    ),
    "two versions of one image": (CLUSTER, "caddy:2.10.2-alpine", "caddy:2.9.1-alpine", "caddy has several versions"),
    "no limit of memory": (
        BASE,
        "      resources:\n        limits:\n          memory: ${WORKER_MEMORY:-2g}\n",
        "",
        "worker has no limit of memory",
    ),
    "a setting that there is not": (
        BASE,
        "SANJIAN_PARTITIONS:",
        "SANJIAN_PARTITION:",
        "SANJIAN_PARTITION, which is no setting",
    ),
    "a password in the environment": (
        BASE,
        "    SANJIAN_KAFKA: kafka://kafka:9092\n",
        "    SANJIAN_KAFKA: kafka://kafka:9092\n    SANJIAN_ACCOUNTS: postgresql://sanjian:secret@accounts/sanjian\n",
        "a password in SANJIAN_ACCOUNTS",
    ),
    "a variable that the example lacks": (BASE, "${SMTP_FROM:-}", "${MAIL_FROM:-}", ".env.example lacks MAIL_FROM"),
    "a variable that nobody asks for": (".env.example", "APIS=2\n", "APIS=2\nCLERKS=3\n", "names CLERKS, which no"),
    "a default that is another one": (".env.example", "APIS=2\n", "APIS=3\n", ".env.example says APIS=3"),
    "braces that do not pair": (
        "docker/caddy/Caddyfile",
        "\t\trespond 404\n\t}\n",
        "\t\trespond 404\n",
        "braces do not pair",
    ),
    "a proxy for a service that is not there": (
        "docker/caddy/Caddyfile",
        "grafana:3000",
        "boards:3000",
        "names boards, which is no service",
    ),
    "a proxy for a port that is not open": ("docker/caddy/Caddyfile", "port 8000", "port 8080", "api at port 8080"),
    "a replica that is not there": (
        "docker/clickhouse/Caddyfile",
        "clickhouse-2:8123",
        "clickhouse-3:8123",
        "clickhouse-3",
    ),
    "a variable that a proxy is not given": ("docker/caddy/Caddyfile", "{$TLS:", "{$CERT:", "uses {$CERT}"),
    "XML that is none": ("docker/clickhouse/server.xml", "</backups>\n", "</backup>\n", "server.xml is no XML"),
    "a keeper that is not there": ("docker/clickhouse/cluster.xml", "keeper-3", "keeper-4", "names keeper-4"),
    "a variable that a server is not given": (
        "docker/clickhouse/keeper.xml",
        'from_env="KEEPER_ID"',
        'from_env="KEEPER"',
        "takes server_id from KEEPER",
    ),
    "a user without a password": (
        "docker/clickhouse/users.xml",
        "<users>",
        "<users><guest/>",
        "guest gets no password",
    ),
    "a right that the boards do not need": (
        "docker/clickhouse/users.xml",
        "GRANT SELECT ON sanjian.ledger<",
        "GRANT SELECT ON sanjian.tb_hzxx<",
        "must not have: GRANT SELECT ON sanjian.tb_hzxx",
    ),
    "a right that the boards lack": (
        "docker/clickhouse/users.xml",
        "                <query>GRANT SELECT ON sanjian.ledger</query>\n",
        "",
        "lacks: GRANT SELECT ON sanjian.ledger",
    ),
    "metrics of a service that is not there": (
        "docker/prometheus/prometheus.yml",
        "[worker]",
        "[workers]",
        "names workers",
    ),
    "metrics at a port that is not open": (
        "docker/prometheus/prometheus.yml",
        "port: 9100",
        "port: 9101",
        "worker at port 9101",
    ),
    "a variable that the provisioning lacks": (
        BASE,
        "      CLICKHOUSE_USER: grafana\n",
        "",
        "asks for CLICKHOUSE_USER",
    ),
    "a secret that the provisioning lacks": (
        BASE,
        "      - grafana_admin\n      - clickhouse_grafana_password\n",
        "      - grafana_admin\n",
        "reads /run/secrets/clickhouse_grafana_password",
    ),
    "boards where Grafana does not look": (
        BASE,
        "./grafana/boards:/var/lib/grafana/boards:ro",
        "./grafana/boards:/boards:ro",
        "Grafana looks for boards in",
    ),
    "a data source at another port": (
        BASE,
        'CLICKHOUSE_PORT: "9000"',
        'CLICKHOUSE_PORT: "9440"',
        "clickhouse at port 9440",
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_is_told(mistake: str, root: Path, change: Change) -> None:
    name, old, new, sentence = BROKEN[mistake]
    change(name, old, new)
    found = list(problems(root))
    assert any(sentence in one for one in found), found


def test_a_later_file_wins_and_lists_add_up() -> None:
    below = {"a": 1, "volumes": ["x:/x", "./y:/y:ro"], "command": ["one"], "environment": {"A": "1", "B": "2"}}
    over = {"volumes": ["z:/y"], "command": ["two"], "environment": {"B": "3"}}
    assert merged(below, over) == {
        "a": 1, "volumes": ["x:/x", "z:/y"], "command": ["two"], "environment": {"A": "1", "B": "3"},
    }  # fmt: skip


def test_a_cluster_has_three_of_everything_that_votes() -> None:
    services = load(ROOT, (BASE, CLUSTER)).services
    for number, name in enumerate(("kafka", "kafka-2", "kafka-3"), start=1):
        told = services[name]["environment"]
        assert told["KAFKA_NODE_ID"] == str(number)
        assert told["KAFKA_ADVERTISED_LISTENERS"] == f"INSIDE://{name}:9092"
        assert (told["KAFKA_DEFAULT_REPLICATION_FACTOR"], told["KAFKA_MIN_INSYNC_REPLICAS"]) == ("3", "2")
        assert told["KAFKA_CONTROLLER_QUORUM_VOTERS"].count("@") == 3
    assert {services[f"keeper-{number}"]["environment"]["KEEPER_ID"] for number in (1, 2, 3)} == {"1", "2", "3"}
    volumes = [volume for service in services.values() for volume in service.get("volumes", ())]
    own = [volume.split(":")[0] for volume in volumes if "-data:" in volume]
    assert len(own) == len(set(own)), "two services share a volume"


def test_a_cluster_s_processes_know_of_it() -> None:
    services = load(ROOT, (BASE, CLUSTER)).services
    for name in ("migrate", "worker", "api"):
        told = services[name]["environment"]
        assert told["SANJIAN_KAFKA"].count(":9092") == 3
        assert (told["SANJIAN_REPLICATION"], told["SANJIAN_CLICKHOUSE_REPLICATED"]) == ("3", "true")


def test_nothing_of_ours_is_to_be_reached_but_the_proxy() -> None:
    for names in ((BASE,), (BASE, CLUSTER)):
        services = load(ROOT, names).services
        assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
