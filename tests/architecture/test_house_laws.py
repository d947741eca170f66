"""The laws of the house that import-linter cannot see, and that import-linter sees every service."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, functions, parsed, services

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
ROOMS = {"api", "messaging", "storage", "usecases", "domain", "migrations"}
EXTRA_ROOMS = {"referrals": {"migrations_keys"}}
FILES = {"README.md", "__init__.py", "__main__.py", "app.py", "settings.py"}
NO_ROOM_WANTED = {"__pycache__"}
FRAMEWORKS = {"fastapi", "starlette", "sqlmodel", "sqlalchemy", "asyncpg", "nats", "keycloak", "httpx", "opentelemetry"}


def test_the_import_laws_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_service_is_missing_from_the_linters_lists() -> None:
    layers = {name.strip() for name in LINTER[0]["layers"][0].split("|")}
    containers = set(LINTER[1]["containers"])

    expected = {f"services.{name}" for name in services()}

    assert layers - {"gateway"} == expected
    assert containers == expected


@pytest.mark.parametrize("service", sorted(services()))
def test_a_service_has_the_rooms_of_the_house_and_no_others(service: str) -> None:
    entries = list((ROOT / "services" / service).iterdir())

    rooms = {entry.name for entry in entries if entry.is_dir()} - NO_ROOM_WANTED
    files = {entry.name for entry in entries if entry.is_file()}

    assert rooms <= ROOMS | EXTRA_ROOMS.get(service, set())
    assert {"README.md", "__main__.py", "app.py", "settings.py"} <= files
    assert files <= FILES


@pytest.mark.parametrize("service", sorted(services()))
def test_domain_and_use_cases_import_no_framework(service: str) -> None:
    found = {
        (str(path), name)
        for path, module in parsed().items()
        if path.parts[:2] == ("services", service) and path.parts[2] in {"domain", "usecases"}
        for name in _imported(module)
        if name in FRAMEWORKS
    }

    assert found == set()


def test_contracts_need_pydantic_only() -> None:
    allowed = {"pydantic", "contracts", "yaml"} | set(sys.stdlib_module_names)
    found = {
        (str(path), name)
        for path, module in parsed().items()
        if path.parts[0] == "contracts"
        for name in _imported(module)
        if name not in allowed or (name == "yaml" and path.name != "asyncapi.py")
    }

    assert found == set()


def test_nobody_commits_by_hand() -> None:
    callers = [
        f"{path}:{node.lineno}"
        for path, module in parsed().items()
        if path != Path("services/chassis/migrations.py")
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]

    assert callers == []


def test_no_value_is_written_into_sql() -> None:
    """Names of tables and columns come from constants at module level; in a function, SQL has parameters."""
    statement = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE .+ SET|DELETE FROM|WHERE .+ =)", re.DOTALL)
    found = []
    for path, module in parsed().items():
        if path.parts[0] != "services" or "migrations" in path.parts[-1] or "versions" in path.parts:
            continue
        for function in functions(module):
            for node in ast.walk(function):
                if isinstance(node, ast.JoinedStr) and statement.search(_text(node)) and _writes_a_value(node):
                    found.append(f"{path}:{node.lineno}")  # noqa: PERF401  (clearer as it is)

    assert found == []


def _writes_a_value(node: ast.JoinedStr) -> bool:
    """An f-string puts in a value when what it puts in stands between quotes or after a comparison."""
    before = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            before = str(part.value)
        elif before.rstrip().endswith(("'", "=", "<", ">", "LIKE", "VALUES (", "IN (")):
            return True
    return False


def _text(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)


def _imported(module: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_one_use_case_is_one_file_with_its_function() -> None:
    missing = [
        str(path)
        for path, module in parsed().items()
        if len(path.parts) > 3 and path.parts[2] == "usecases" and path.name != "__init__.py"
        if not any(isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) for node in module.body)
    ]

    assert missing == []


def test_the_budget_of_sizes_is_reported(record_property: Callable[[str, object], None]) -> None:
    """A report, not a wall: longer ones have a reason. Only what is far beyond fails."""
    files = {str(path): len((ROOT / path).read_text().splitlines()) for path in parsed()}
    lengths = {
        f"{path}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path, module in parsed().items()
        for function in functions(module)
    }

    long_files = {name: size for name, size in files.items() if size > 200}
    long_functions = {name: size for name, size in lengths.items() if size > 25}
    record_property("long_files", json.dumps(long_files))
    record_property("long_functions", json.dumps(long_functions))
    print(json.dumps({"files over 200": long_files, "functions over 25": long_functions}, indent=1))  # noqa: T201

    assert not [name for name, size in files.items() if size > 400]
    assert not [name for name, size in lengths.items() if size > 80]


def test_no_app_switches_on_the_framework_s_own_telemetry():
    """It writes the text of exceptions and what was typed into spans and logs."""
    apps = [
        (path, call)
        for root in ("services", "gateway", "deploy")
        for path in (ROOT / root).rglob("*.py")
        for call in re.findall(r"(?<!class )(?:FastAPI|DescribedApp)\((?:[^()]|\([^()]*\))*\)", path.read_text())
    ]

    assert len(apps) >= 2
    assert [str(path) for path, call in apps if "telemetry=NO_BUILT_IN_TELEMETRY" not in call] == []


def test_no_request_waits_for_a_thread() -> None:
    """The framework runs a plain function, or a class, in a thread: three of them cost a tenth of a request."""
    found, asked = [], 0
    for path, module in parsed().items():
        plain = _plain_names(module)
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and node.module:
                source = parsed().get(Path(*node.module.split(".")).with_suffix(".py"))
                plain |= {one.asname or one.name for one in node.names if source and one.name in _plain_names(source)}
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Depends":
                asked += 1
                found += [f"{path}:{node.lineno}" for given in node.args if getattr(given, "id", None) in plain]
            if isinstance(node, ast.FunctionDef):
                found += [f"{path}:{node.lineno}" for given in node.decorator_list if _is_operation(given)]

    assert asked > 20
    assert found == []


def _plain_names(module: ast.Module) -> set[str]:
    return {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _is_operation(decorator: ast.expr) -> bool:
    verbs = {"get", "post", "put", "patch", "delete"}
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    named = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)
    return named and called.attr in verbs and called.value.id in {"router", "app"}
