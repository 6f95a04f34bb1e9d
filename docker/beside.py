"""What the containers mount, held against the compose files: hosts are services at ports that they open, variables and
secrets are given, users and their rights are the ones that the rest of the project knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from docker.compose import Project
from docker.rules import hosts
from grafana.grants import statements

_UPSTREAM = re.compile(
    r"""
    ^\s*reverse_proxy\ +(?P<to>[\w.:\-\ ]+?)\ *\{?$
    |^\s*name\ +(?P<name>\S+)\n\s*port\ +(?P<port>\d+)
    """,
    re.MULTILINE | re.VERBOSE,
)
_PLACEHOLDER = re.compile(r"\{\$(\w+)")
_ENV = re.compile(r"\$__env\{(\w+)\}")
_FILE = re.compile(r"\$__file\{([^}]+)\}")


def caddy(project: Project) -> Iterator[str]:
    """Caddyfiles: braces pair, upstreams are services, variables are given."""
    for name, service, path in _mounted(project, "/etc/caddy/Caddyfile"):
        text = path.read_text(encoding="utf-8")
        if text.count("{") != text.count("}"):
            yield f"{path.name} of {name}: braces do not pair."
        found = list(_UPSTREAM.finditer(text))
        if not found:
            yield f"{path.name} of {name} sends nothing anywhere."
        for one in found:
            addresses = one["to"].split() if one["to"] else [f"{one['name']}:{one['port']}"]
            yield from _unknown(project, f"{path.name} of {name}", addresses)
        for variable in sorted(set(_PLACEHOLDER.findall(text)) - set(service.get("environment", {}))):
            yield f"{path.name} of {name} uses {{${variable}}}, which the service is not given."


def clickhouse(project: Project) -> Iterator[str]:
    """ClickHouse: XML is well-formed, hosts are services, variables are given, users have password and rights."""
    for folder in ("/etc/clickhouse-server/", "/etc/clickhouse-keeper/"):
        for name, service, path in _mounted(project, folder):
            if path.suffix != ".xml":
                continue
            try:
                tree = ElementTree.parse(path)
            except ElementTree.ParseError as error:
                yield f"{path.name} is no XML: {error}."
                continue
            for part in tree.iter():
                variable = part.get("from_env")
                if variable and variable not in service.get("environment", {}):
                    yield f"{path.name} takes {part.tag} from {variable}, which {name} is not given."
                host, port = part.find("host"), part.find("port")
                host = part.find("hostname") if host is None else host
                if host is not None and port is not None:
                    yield from _unknown(project, path.name, [f"{host.text}:{port.text}"])
            if path.name == "users.xml":
                yield from users(tree, (project.root / "docker" / "secrets" / "make.sh").read_text(encoding="utf-8"))


def users(tree: ElementTree.ElementTree[Any], made: str) -> Iterator[str]:
    """Users: each has a password made by make.sh; the boards' user may do what the boards do, and nothing else."""
    for user in tree.findall("./users/*"):
        if user.get("remove") is None and f"<{user.tag}><password_sha256_hex>" not in made:
            yield f"users.xml: the user {user.tag} gets no password from docker/secrets/make.sh."
    wanted = _granted()
    given = {str(query.text) for query in tree.findall("./users/grafana/grants/query")}
    yield from (f"users.xml: the user grafana lacks: {one}" for one in sorted(wanted - given))
    yield from (f"users.xml: the user grafana must not have: {one}" for one in sorted(given - wanted))


def prometheus(project: Project) -> Iterator[str]:
    """Prometheus asks services at ports that they open."""
    for name, _, path in _mounted(project, "/etc/prometheus/prometheus.yml"):
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["scrape_configs"]:
            asked = [f"{host}:{one['port']}" for one in job.get("dns_sd_configs", ()) for host in one["names"]]
            asked += [one for given in job.get("static_configs", ()) for one in given["targets"]]
            others = [one for one in asked if "localhost" not in one]
            yield from _unknown(project, f"job {job['job_name']} of {name}", others)


def grafana(project: Project) -> Iterator[str]:
    """What Grafana's provisioning asks for is given, and the boards are mounted where it looks for them."""
    for name, service, path in _mounted(project, "/etc/grafana/provisioning"):
        text = "".join(one.read_text(encoding="utf-8") for one in sorted(path.rglob("*.yaml")))
        for variable in sorted(set(_ENV.findall(text)) - set(service["environment"])):
            yield f"The provisioning of Grafana asks for {variable}, which {name} is not given."
        mounted = {f"/run/secrets/{secret}" for secret in service.get("secrets", ())}
        for file in sorted(set(_FILE.findall(text)) - mounted):
            yield f"The provisioning of Grafana reads {file}, which {name} is not given."
        boards = yaml.safe_load((path / "dashboards" / "sanjian.yaml").read_text(encoding="utf-8"))
        place = boards["providers"][0]["options"]["path"]
        if not any(volume.split(":")[1] == place for volume in service["volumes"]):
            yield f"Grafana looks for boards in {place}, where {name} mounts nothing."
        at = [f"{service['environment']['CLICKHOUSE_HOST']}:{service['environment']['CLICKHOUSE_PORT']}"]
        at += [service["environment"][one].split("://")[1] for one in ("PROMETHEUS_URL", "SANJIAN_URL")]
        yield from _unknown(project, f"the environment of {name}", at)


def variables(example: Path, names: Mapping[str, set[str]]) -> Iterator[str]:
    """.env.example names every variable that the files ask for, with its default, and nothing else."""
    lines = [line for line in example.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    told = dict(line.split("=", 1) for line in lines)
    for name in sorted(names.keys() - told.keys()):
        yield f"{example.name} lacks {name}."
    for name in sorted(told.keys() - names.keys()):
        yield f"{example.name} names {name}, which no compose file asks for."
    for name in sorted(told.keys() & names.keys()):
        if names[name] != {told[name]}:
            yield f"{example.name} says {name}={told[name]}, the compose files {', '.join(sorted(names[name]))}."


@cache
def _granted() -> frozenset[str]:
    return frozenset(one.removesuffix(" TO grafana;") for one in statements() if one.startswith("GRANT"))


def _mounted(project: Project, place: str) -> Iterator[tuple[str, Mapping[str, Any], Path]]:
    """Service, and file of ours, for everything mounted at ``place`` or below it."""
    for name, service in project.services.items():
        for volume in service.get("volumes", ()):
            source, inside = volume.split(":")[:2]
            if source.startswith(".") and inside.startswith(place) and (project.root / source).exists():
                yield name, service, project.root / source


def _unknown(project: Project, where: str, addresses: list[str]) -> Iterator[str]:
    opened = hosts(project)
    for address in addresses:
        host, _, port = address.partition(":")
        if host not in opened:
            yield f"{where} names {host}, which is no service."
        elif port not in opened[host]:
            yield f"{where} asks {host} at port {port}, which it does not open (expose)."


ALL = (caddy, clickhouse, prometheus, grafana)
