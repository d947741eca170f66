"""The names of the code are the names of the glossary."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import ROOT, parsed

FOREIGN_WORDS = {"keycloak.py", "keycloak_baseline.py", "nanoidp.py"}
"""Adapters speak the words of what they adapt: an identity provider has users."""

GLOSSARY = ROOT / "contracts" / "GLOSSARY.md"


def forbidden() -> set[str]:
    """The words of the section "Words not to use" that code may not use as names."""
    section = GLOSSARY.read_text().split("## Words not to use")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row.split("|")[1])}


def test_the_glossary_forbids_something() -> None:
    assert {"current_user", "ticket", "org"} <= forbidden()


def test_no_name_in_the_code_is_a_word_that_the_glossary_forbids() -> None:
    words = forbidden()

    found = [
        f"{path}:{line} {name}"
        for path, module in parsed().items()
        if path.name not in FOREIGN_WORDS
        for name, line in _defined(module)
        if name in words
    ]

    assert found == []


def test_no_module_is_called_utils_or_helpers() -> None:
    found = [str(path) for path in parsed() if re.fullmatch(r"(utils?|helpers?|managers?|common)", Path(path).stem)]

    assert found == []


def _defined(module: ast.Module) -> list[tuple[str, int]]:
    """Functions, arguments, and names that are assigned, in lower case."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append((node.name.lower(), node.lineno))
        elif isinstance(node, ast.arg):
            found.append((node.arg.lower(), node.lineno))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append((node.id.lower(), node.lineno))
    return found
