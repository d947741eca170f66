"""The identity provider of each node: nanoidp, a process per node, or one real Keycloak with a realm per node."""

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
from services.identity.domain.ports import IdentityProvider
from services.identity.storage.fixture import read_fixture

FIXTURES = ROOT / "deploy" / "local" / "fixtures"
_KEYCLOAK_FIRST_START = 300


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
    return {
        "SAFAR_FIXTURE_FILE": str(FIXTURES / f"{node}.yaml"),
        "SAFAR_IDENTITY_PROVIDER": plan.identity,
        "SAFAR_PROVIDER_DIR": str(folder(state, plan, node)),
        "SAFAR_PROVIDER_URL": _url(plan, node),
        "SAFAR_PORTAL_ORIGIN": plan.portal_origin(node),
        "SAFAR_PROVIDER_ADMIN": keycloak.ADMINISTRATOR,
        "SAFAR_PROVIDER_ADMIN_PASSWORD_FILE": str(_admin_password_file(state)),
    }


async def bring_to_fixture(state: State, plan: Plan, node: str) -> None:
    """Bring the provider to the node's fixture; nanoidp's files are written before it starts."""
    place = folder(state, plan, node)
    await _adapter(state, plan, node).reconcile(read_fixture(FIXTURES / f"{node}.yaml"))
    write_private(state.node(node) / "identity-provider" / "chosen.json", json.dumps({"folder": str(place)}))


def _adapter(state: State, plan: Plan, node: str) -> IdentityProvider:
    """The same adapter that identity itself uses, in this process: another one would cost a second per node."""
    place, origin = folder(state, plan, node), plan.portal_origin(node)
    if plan.identity == "nanoidp":
        from services.identity.storage.nanoidp import NanoIdp

        return NanoIdp(place, _url(plan, node), origin)
    from services.identity.storage.keycloak import Keycloak

    password = _admin_password_file(state).read_text().strip()
    return Keycloak(place, _url(plan, node), origin, keycloak.ADMINISTRATOR, password)


def _url(plan: Plan, node: str) -> str:
    port = plan.port(node, "idp") if plan.identity == "nanoidp" else plan.keycloak_port
    return f"http://localhost:{port}"


def nanoidp(state: State, plan: Plan, node: str, base: dict[str, str]) -> Component:
    port = plan.port(node, "idp")
    place = folder(state, plan, node)
    return Component(
        id=f"{node}.idp",
        node=node,
        kind="identity-provider",
        command=(sys.executable, "-m", "deploy.nanoidp.server", str(place)),
        port=port,
        environment=base,
        url=f"http://localhost:{port}",
        ready=f"http://127.0.0.1:{port}/health",
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
