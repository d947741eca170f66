"""`python -m contracts.generate`: everything about contracts that a machine can write.

JSON Schemas and their frozen digests, the AsyncAPI document, the OpenAPI of each service. The registry and the
code are the source; `tests/contracts` generates again and compares.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import contracts.events  # noqa: F401  (fills the registry)
from contracts.asyncapi import document
from contracts.envelope import CloudEvent
from contracts.registry import CONTRACTS

FOLDER = Path(__file__).parent
FROZEN = FOLDER / "frozen.json"
SERVICES = ("identity", "directory", "referrals", "notifications", "coordination")

_WITHOUT_COMMAND = frozenset({"directory", "notifications"})
_ROUTES = """
import importlib, json, sys
from services.chassis.http import create_app
routes = importlib.import_module(f"services.{sys.argv[1]}.api.routes")
print(json.dumps(create_app(sys.argv[1], [routes.router], {}, docs=False).openapi()))
"""

_PROSE = frozenset({"description", "title"})


class ChangedContractError(Exception):
    """A published contract was changed; a change is a new version beside the old one."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"published and changed without a new version: {', '.join(names)}")


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each contract's payload, and of the envelope, by file name without suffix."""
    found = {name: contract.payload.model_json_schema() for name, contract in sorted(CONTRACTS.items())}
    return {"envelope": CloudEvent.model_json_schema(), **found}


def digest(schema: dict[str, Any]) -> str:
    """SHA-256 of what a schema demands; wording may be mended."""
    canonical = json.dumps(_demands(schema), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _demands(value: Any, *, named: bool = False) -> Any:
    """Without titles and descriptions; `named` members are a payload's own fields and all stay."""
    if isinstance(value, dict):
        kept = {key: member for key, member in value.items() if named or key not in _PROSE}
        return {key: _demands(member, named=key in {"properties", "$defs"}) for key, member in kept.items()}
    return [_demands(member) for member in value] if isinstance(value, list) else value


def frozen(found: dict[str, dict[str, Any]], before: dict[str, str]) -> dict[str, str]:
    """The digests to keep: those before, and new contracts'.

    Raises:
        ChangedContractError: a contract that was frozen before is another now, or is gone.
    """
    now = {name: digest(schema) for name, schema in found.items()}
    changed = [name for name, known in before.items() if now.get(name) != known]
    if changed:
        raise ChangedContractError(changed)
    return now


def openapi(service: str) -> str:
    """The service's API description, made in a process of its own: contracts import no service."""
    if service in _WITHOUT_COMMAND:
        command = [sys.executable, "-c", _ROUTES, service]
    else:
        command = [sys.executable, "-m", f"services.{service}", "openapi"]
    made = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, check=True)  # noqa: S603  (our own)
    return json.dumps(json.loads(made.stdout), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Every generated file but the OpenAPI ones, by path below this folder."""
    found = schemas()
    before = json.loads(FROZEN.read_text()) if FROZEN.exists() else {}
    written = {f"schemas/{name}.json": _text(schema) for name, schema in found.items()}
    return written | {"frozen.json": _text(frozen(found, before)), "asyncapi.yaml": document(CONTRACTS)}


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them all; a name as argument limits the OpenAPI to that service."""
    services = sys.argv[1:] or SERVICES
    try:
        written = files()
    except ChangedContractError as error:
        sys.exit(str(error))
    for path, text in written.items():
        (FOLDER / path).parent.mkdir(exist_ok=True)
        (FOLDER / path).write_text(text)
    (FOLDER / "openapi").mkdir(exist_ok=True)
    for service in services:
        (FOLDER / "openapi" / f"{service}.json").write_text(openapi(service))


if __name__ == "__main__":
    main()
