"""``python -m docker.check``: our compose files in every combination that the documentation names, and what they mount.
No Docker is needed. Exit code 1 when something is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from docker import beside, rules
from docker.compose import load

ROOT = Path(__file__).parents[1]
BASE, CLUSTER, OFFLINE = "docker-compose.yml", "docker-compose.cluster.yml", "docker-compose.offline.yml"
COMBINATIONS = ((BASE,), (BASE, CLUSTER), (BASE, OFFLINE), (BASE, CLUSTER, OFFLINE))


def problems(root: Path = ROOT) -> Iterator[str]:
    """Every problem as a sentence, each once."""
    told: set[str] = set()
    names: dict[str, set[str]] = {}
    for combination in COMBINATIONS:
        project = load(root, combination)
        for name, defaults in project.variables.items():
            names.setdefault(name, set()).update(defaults)
        for rule in (*rules.ALL, *beside.ALL):
            for problem in rule(project):
                if problem not in told:
                    told.add(problem)
                    yield f"{project.label}: {problem}"
    yield from beside.variables(root / ".env.example", names)


def main() -> int:
    """Tells the problems; the exit code."""
    found = list(problems())
    for problem in found:
        print(problem)
    print(f"{len(COMBINATIONS)} combinations of compose files, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
