"""What others call is documented."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("standard", "streams", "clickhouse", "api", "grafana", "simulators", "sanjian", "docker")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_public_function_and_class_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [node.name for node in public(tree) if not ast.get_docstring(node)]
    assert silent == []
    assert not tree.body or ast.get_docstring(tree)


def public(tree: ast.Module) -> list[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public classes, their public methods, and public functions; overriding a library's method needs no words."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    for node in list(found):
        if isinstance(node, ast.ClassDef) and not is_of_a_library(node):
            found += [part for part in node.body if isinstance(part, kinds[1:]) and not part.name.startswith("_")]
    return found


def is_of_a_library(node: ast.ClassDef) -> bool:
    """Whether the class derives from a library's (``module.Class``), or only names what it needs (Protocol)."""
    return any(isinstance(base, ast.Attribute) or getattr(base, "id", "") == "Protocol" for base in node.bases)
