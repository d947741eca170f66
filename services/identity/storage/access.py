"""How a node's provider is reached: `access.json`, for the launcher and for tests; with the demo secrets, so 0600."""

from pathlib import Path
from typing import Any

from services.identity.domain.agencies import Declaration
from services.identity.storage.credentials import Credentials, write_private, write_private_json

AUDIENCE = "safar-api"
PORTAL = "safar-portal"
CALLBACK = "/session/callback"
ACCESS_TOKEN_SECONDS = 300


def write_access(
    directory: Path, declaration: Declaration, credentials: Credentials, issuer: dict[str, Any], token_endpoint: str
) -> bool:
    """Write `access.json` and the portal's secret file; whether anything changed."""
    secret_file = directory / "portal.secret"
    changed = write_private(secret_file, credentials.client_secret(PORTAL))
    access = {
        "issuer": {**issuer, **_parties(declaration)},
        "token_endpoint": token_endpoint,
        "portal": {"client_id": PORTAL, "client_secret_file": str(secret_file)},
        "clients": {
            client.agency_id: {
                "client_id": client.client_id,
                "client_secret": credentials.client_secret(client.client_id),
            }
            for client in declaration.clients
        },
        "logins": [
            {
                "username": staff.username,
                "password": credentials.password(staff.username),
                "name": staff.name,
                "agency": staff.agency_id,
                "roles": sorted(staff.roles),
            }
            for staff in declaration.staff
        ],
    }
    return write_private_json(directory / "access.json", access) or changed


def _parties(declaration: Declaration) -> dict[str, Any]:
    clients = {
        client.client_id: {"agency": client.agency_id, "roles": sorted(client.roles)} for client in declaration.clients
    }
    return {"audience": AUDIENCE, "node": declaration.node, "authorized_parties": [PORTAL], "clients": clients}
