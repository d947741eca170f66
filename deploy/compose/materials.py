"""Make the secrets that compose.yaml mounts, once, below deploy/compose/secrets: `python -m deploy.compose.materials`.

Everything is random and stays on this machine. What exists is kept, so it can be run again. The folder itself is
closed to others (0700); what is inside can be read by the containers' own numeric users.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from deploy.local import broker, trust
from deploy.local.certificates import Authority
from deploy.local.databases import context_key_file
from deploy.local.plan import COUNTRIES, HUB, REGION, Plan
from deploy.local.provider import FIXTURES
from deploy.local.state import State, secret_file
from services.chassis.keys import FileKeyProvider

FOLDER = Path(__file__).parent / "secrets"
KEYCLOAK = "http://keycloak.localhost:8538"
_NODES = ("kz", "uz", REGION)


def make(folder: Path = FOLDER) -> None:
    """Keys, certificates, passwords and the environment files that carry them."""
    state = State(folder)
    plan = Plan(("kz", "uz"), identity="keycloak")
    folder.mkdir(mode=0o700, exist_ok=True)
    trust.exchange(state, plan)
    for node in _NODES:
        _node(state, plan, node)
    _hub(state)
    _shared(state)
    _open_to_containers(folder)


def _node(state: State, plan: Plan, node: str) -> None:
    keys = FileKeyProvider(state.keys(node))
    declaration: dict[str, Any] = yaml.safe_load((FIXTURES / f"{node}.yaml").read_text())
    for agency in declaration["agencies"]:
        keys.create_agency_keys(agency["id"])
    keys.agency_kek(f"{node}.node")
    _ = secret_file(state.keys(node) / "portal-session.key")
    passwords: dict[str, str] = {}
    for service in (*plan.services(node), "gateway"):
        context_key_file(state, node, service)
        passwords |= {kind: _password(state, node, kind) for kind in _databases(service)}
        urls = {_variable(kind): _url(node, kind, passwords[kind]) for kind in _databases(service)}
        _environment(state, node, service, urls)
    migrator = _password(state, node, "migrator")
    _write(state.node(node) / "passwords.json", json.dumps(passwords | {"migrator": migrator}))
    address = f"postgresql://{node}_migrator:{migrator}@postgres:5432/{node}_{{database}}"
    _environment(state, node, "migrate", {"SAFAR_MIGRATION_DATABASE_URL": address})
    _environment(state, node, "node", {"SAFAR_ISSUERS": json.dumps([_issuer(node, declaration)])})
    _server(state, node, broker.node_keys(state, node))


def _hub(state: State) -> None:
    leaves = {f"{node.upper()}_PUB": broker.identity(state, node, broker.LEAF).public for node in (*COUNTRIES, REGION)}
    _server(state, HUB, "".join(f'{name}: "{value}"\n' for name, value in leaves.items()))


def _server(state: State, node: str, nkeys: str) -> None:
    """What nats.conf and hub.conf include: keys.conf and the certificate, under the names that Kubernetes uses."""
    folder = state.node(node) / "nats"
    Authority.load_or_make(state.border_ca).issue(f"{node}-nats" if node != HUB else HUB, folder)
    _write(folder / "keys.conf", nkeys)
    for ours, theirs in (("cert.pem", "tls.crt"), ("key.pem", "tls.key"), ("ca.pem", "ca.crt")):
        _write(folder / theirs, (folder / ours).read_text())


def _shared(state: State) -> None:
    secret_file(state.folder / "postgres-admin.secret", 24)
    admin = secret_file(state.folder / "keycloak-admin.secret", 24)
    database = secret_file(state.folder / "keycloak-database.secret", 24)
    lines = {
        "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
        "KC_BOOTSTRAP_ADMIN_PASSWORD": admin,
        "KC_DB_PASSWORD": database,
    }
    _write(state.folder / "keycloak.env", _lines(lines))


def _issuer(node: str, declaration: dict[str, Any]) -> dict[str, Any]:
    clients = {
        client["client_id"]: {"agency": client["agency"], "roles": client["roles"]}
        for client in declaration.get("clients", [])
    }
    issuer = f"{KEYCLOAK}/realms/{node}"
    return {
        "issuer": issuer,
        "jwks_url": f"{issuer}/protocol/openid-connect/certs",
        "algorithm": "ES256",
        "node": node,
        "subject_claim": "preferred_username",
        "types": ["Bearer"],
        "authorized_parties": ["safar-portal"],
        "clients": clients,
    }


def _databases(service: str) -> tuple[str, ...]:
    return ("referrals", "referrals_keys") if service == "referrals" else (service,)


def _variable(kind: str) -> str:
    return "SAFAR_KEYS_DATABASE_URL" if kind == "referrals_keys" else "SAFAR_DATABASE_URL"


def _url(node: str, kind: str, password: str) -> str:
    return f"postgresql://{node}_{kind}:{password}@postgres:5432/{node}_{kind}"


def _password(state: State, node: str, kind: str) -> str:
    return secret_file(state.node(node) / "passwords" / kind, 24)


def _environment(state: State, node: str, name: str, values: dict[str, str]) -> None:
    _write(state.node(node) / "env" / f"{name}.env", _lines(values))


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _open_to_containers(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    make()
