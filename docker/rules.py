"""What has to be right with our compose files. Each rule tells its problems in sentences that say what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from docker.compose import Project
from sanjian.settings import Settings

SCHEMA = Path(__file__).parent / "compose-spec" / "schema.json"
#: Programs of health checks, by image, and where it is said that the image has them.
PROGRAMS: Mapping[str, Mapping[str, str]] = {
    "apache/kafka": {"/opt/kafka/bin/kafka-broker-api-versions.sh": "Kafka's distribution, unpacked into /opt/kafka"},
    "clickhouse/clickhouse-server": {"wget": "its entrypoint.sh asks /ping with it"},
    "clickhouse/clickhouse-keeper": {"wget": "BusyBox of Alpine, on which its Dockerfile is built"},
    "postgres": {"pg_isready": "PostgreSQL's own client programs"},
    "caddy": {"wget": "BusyBox of Alpine (the tag ends with -alpine)"},
    "grafana/grafana": {"wget": "BusyBox of Alpine, on which its Dockerfile is built"},
    "prom/prometheus": {"wget": "BusyBox: the image is built on quay.io/prometheus/busybox"},
    "sanjian": {"python": "our Dockerfile is built on python"},
}
#: What ends by itself has no health.
ENDS = frozenset({"migrate", "simulator"})
_ASSIGNED = re.compile(r"\b(\w+)=\S*\s")


def schema(project: Project) -> Iterator[str]:
    """The files, merged, are what the compose specification's schema allows."""
    for error in _validator().iter_errors(project.content):
        yield f"{'.'.join(map(str, error.instance_path))}: {error.message}"


def files(project: Project) -> Iterator[str]:
    """Files and folders of ours that are mounted or built from are there; secrets are made by make.sh."""
    made = (project.root / "docker" / "secrets" / "make.sh").read_text(encoding="utf-8")
    for name, service in project.services.items():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith(".") and not (project.root / source).exists():
                yield f"{name} mounts {source}, which is not there."
        build = service.get("build", {})
        if build and not (project.root / build.get("context", ".") / build.get("dockerfile", "Dockerfile")).is_file():
            yield f"{name} is built from a Dockerfile that is not there."
    for name, secret in project.content.get("secrets", {}).items():
        file = Path(secret["file"])
        if file.parent != Path("docker/secrets") or not re.search(rf"\bkeep {re.escape(file.name)}\b", made):
            yield f"The secret {name} is not made by docker/secrets/make.sh: add {file.name} there."


def named(project: Project) -> Iterator[str]:
    """Networks, volumes, secrets and services that are named are declared, and the other way round."""
    for kind in ("networks", "volumes", "secrets"):
        used = {one for service in project.services.values() for one in _uses(service, kind)}
        declared = set(project.content.get(kind, {}))
        for name in sorted(used - declared):
            yield f"{kind} lacks {name}, which a service names."
        for name in sorted(declared - used):
            yield f"No service names {name} of {kind}: take it away."
    for name, service in project.services.items():
        for other, how in service.get("depends_on", {}).items():
            if other not in project.services:
                yield f"{name} waits for {other}, which is not there."
            elif how["condition"] == "service_healthy" and _test(project.services[other]) is None:
                yield f"{name} waits for the health of {other}, which has no health check."


def ports(project: Project) -> Iterator[str]:
    """No port of the host is given out twice."""
    given = Counter(port.rsplit(":", 1)[0] for one in project.services.values() for port in one.get("ports", ()))
    yield from (f"Port {port} of the host is given to {n} services." for port, n in given.items() if n > 1)


def health(project: Project) -> Iterator[str]:
    """Every service that stays has a health check, of a program that its image is known to have."""
    for name, service in project.services.items():
        test = _test(service)
        if name in ENDS:
            if test is not None:
                yield f"{name} ends by itself and has no health: take its health check away."
            continue
        if test is None:
            yield f"{name} has no health check."
            continue
        words = _ASSIGNED.sub("", test[1]).split() if test[0] == "CMD-SHELL" else test[1:]
        known = PROGRAMS.get(_image(service)[0], {})
        if words[0] not in known:
            yield f"{name} is checked with {words[0]}; say in PROGRAMS (docker/rules.py) where its image has that from."


def images(project: Project) -> Iterator[str]:
    """Every image has a version, the same wherever it is used; containers have a limit of memory and an end of logs."""
    versions: dict[str, set[str]] = {}
    for name, service in project.services.items():
        image, version = _image(service)
        versions.setdefault(image, set()).add(version)
        if not re.match(r"v?\d+\.\d+", version):
            yield f"{name} has no pinned version: {service['image']}."
        if not service.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"):
            yield f"{name} has no limit of memory (deploy.resources.limits.memory)."
        if "max-size" not in service.get("logging", {}).get("options", {}):
            yield f"{name} logs without end (logging.options.max-size)."
    for image, found in versions.items():
        if len(found) > 1:
            yield f"{image} has several versions: {', '.join(sorted(found))}."


def settings(project: Project) -> Iterator[str]:
    """What is given to our processes are settings of ours: as variables, and as secrets where they hold passwords."""
    for name, service in project.services.items():
        if _image(service)[0] != "sanjian":
            continue
        for variable, value in service.get("environment", {}).items():
            if variable.removeprefix("SANJIAN_").lower() not in Settings.model_fields:
                yield f"{name} is given {variable}, which is no setting."
            if re.search(r"://[^/]*:[^/]*@", str(value)):
                yield f"{name} is given a password in {variable}: make it a secret sanjian_<setting>."
        for secret in _uses(service, "secrets"):
            if secret.removeprefix("sanjian_") not in Settings.model_fields:
                yield f"{name} is given the secret {secret}, which is no setting."


def hosts(project: Project) -> Mapping[str, set[str]]:
    """Service → the ports at which others reach it."""
    return {name: {str(port) for port in service.get("expose", ())} for name, service in project.services.items()}


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(orjson.loads(SCHEMA.read_bytes()))


def _uses(service: Mapping[str, Any], kind: str) -> Iterator[str]:
    for one in service.get(kind, ()):
        if kind == "volumes":
            source = one.split(":")[0]
            if not source.startswith((".", "/")):
                yield source
        else:
            yield one["source"] if isinstance(one, dict) else one


def _test(service: Mapping[str, Any]) -> list[str] | None:
    check = service.get("healthcheck", {})
    return None if check.get("disable") else check.get("test")


def _image(service: Mapping[str, Any]) -> tuple[str, str]:
    image, _, version = str(service.get("image", "")).partition(":")
    return image, version


ALL = (schema, files, named, ports, health, images, settings)
