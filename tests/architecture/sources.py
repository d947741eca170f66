"""The product's own Python files, parsed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts", "services", "gateway", "deploy")


@cache
def parsed() -> dict[Path, ast.Module]:
    """Every module by its path below the root."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in sorted(files)}


def services() -> set[str]:
    """The services there are, the chassis apart."""
    return {path.parent.name for path in (ROOT / "services").glob("*/app.py")}


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
