"""The identity provider of each node: nanoidp, a process per node, or one real Keycloak with a realm per node."""

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from deploy.keycloak import server as keycloak
from deploy.local.component import Component
from deploy.local.errors import LauncherError
from deploy.local.plan import Plan
from deploy.local.state import ROOT, State, private_folder, read_json, secret_file, write_private

FIXTURES = ROOT / "deploy" / "local" / "fixtures"
_ADAPTER = ROOT / "services" / "identity"
_KEYCLOAK_FIRST_START = 120


def folder(state: State, plan: Plan, node: str) -> Path:
    return private_folder(state.node(node) / "identity-provider" / plan.identity)


def access(state: State, node: str) -> dict[str, Any]:
    """How the node's provider is reached, with the demo secrets: what the adapter left for us."""
    place = read_json(state.node(node) / "identity-provider" / "chosen.json")
    said: dict[str, Any] | None = read_json(Path(place["folder"]) / "access.json") if place else None
    if said is None:
        raise LauncherError(f"The identity provider of {node} was never brought to its fixture. Try `make run` again.")
    return said


def environment(state: State, plan: Plan, node: str) -> dict[str, str]:
    """What identity's adapter reads."""
    if plan.identity == "nanoidp":
        url = f"http://localhost:{plan.port(node, 'idp')}"
    else:
        url = f"http://localhost:{plan.keycloak_port}"
    return {
        "SAFAR_FIXTURE_FILE": str(FIXTURES / f"{node}.yaml"),
        "SAFAR_IDENTITY_PROVIDER": plan.identity,
        "SAFAR_PROVIDER_DIR": str(folder(state, plan, node)),
        "SAFAR_PROVIDER_URL": url,
        "SAFAR_PORTAL_ORIGIN": plan.portal_origin(node),
        "SAFAR_PROVIDER_ADMIN": keycloak.ADMINISTRATOR,
        "SAFAR_PROVIDER_ADMIN_PASSWORD_FILE": str(_admin_password_file(state)),
    }


async def bring_to_fixture(state: State, plan: Plan, node: str, base: dict[str, str]) -> None:
    """Run identity's `provider-files`, unless nothing it reads has changed since."""
    wanted = environment(state, plan, node)
    chosen = state.node(node) / "identity-provider" / "chosen.json"
    note = json.dumps({"folder": wanted["SAFAR_PROVIDER_DIR"], "version": _version(wanted)})
    unchanged = chosen.exists() and chosen.read_text() == note
    if unchanged and plan.identity == "nanoidp" and (folder(state, plan, node) / "access.json").exists():
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.identity", "provider-files"),
        cwd=ROOT,
        env=base | wanted,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise LauncherError(f"The identity provider of {node} could not be prepared:\n{said.decode()[-1500:]}")
    write_private(chosen, note)


def nanoidp(state: State, plan: Plan, node: str, base: dict[str, str]) -> Component:
    port = plan.port(node, "idp")
    place = folder(state, plan, node)
    return Component(
        id=f"{node}.idp",
        node=node,
        kind="identity-provider",
        command=(sys.executable, "-m", "nanoidp", "--config", str(place), "--host", "127.0.0.1", "--port", str(port)),
        port=port,
        environment=base,
        folder=place,
        url=f"http://localhost:{port}",
        ready=f"http://127.0.0.1:{port}/.well-known/openid-configuration",
        rank=2,
    )


def prepare_keycloak() -> None:
    """Fetch and build it, once per machine; raises LauncherError with a sentence where Java or Maven are missing."""
    try:
        keycloak.prepare()
    except keycloak.KeycloakMissingError as missing:
        raise LauncherError(f"{missing} Or run without IDENTITY=keycloak: nanoidp needs Python only.") from None


def keycloak_component(state: State, plan: Plan) -> Component:
    secret_file(_admin_password_file(state), 18)
    password = _admin_password_file(state).read_text().strip()
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "LANG") if name in os.environ}
    return Component(
        id="keycloak",
        node="shared",
        kind="identity-provider",
        command=tuple(keycloak.command(plan.keycloak_port, plan.keycloak_management_port)),
        port=plan.keycloak_port,
        environment=inherited | dict(keycloak.environment(state.folder / "keycloak", password)),
        folder=state.folder,
        url=f"http://localhost:{plan.keycloak_port}",
        ready=f"http://127.0.0.1:{plan.keycloak_management_port}/health/ready",
        ready_within=_KEYCLOAK_FIRST_START,
        rank=1,
    )


def _admin_password_file(state: State) -> Path:
    return state.folder / "keycloak-admin.secret"


def _version(wanted: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode())
    for path in [Path(wanted["SAFAR_FIXTURE_FILE"]), *sorted(_ADAPTER.rglob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
