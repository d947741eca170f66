"""The development identity provider: nanoidp reads its YAML at start, so reconciling is writing files.

What it cannot do, and what stands in for it: a client's token carries no claim of ours, so the client's agency
comes from the registry in SAFAR_ISSUERS; a person's claims sit under `attributes`, which `extra` (a parameter of its
token endpoint that adds claims) may not touch. It signs RS256 only.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from services.identity.domain.agencies import Declaration, Staff
from services.identity.storage.access import ACCESS_TOKEN_SECONDS, AUDIENCE, CALLBACK, PORTAL, write_access
from services.identity.storage.credentials import Credentials, write_private


class NanoIdp:
    """Writes `settings.yaml`, `users.yaml` and `access.json` into the directory that nanoidp is started with."""

    def __init__(self, directory: Path, url: str, portal_origin: str) -> None:
        self._directory = directory.resolve()
        self._url = url.rstrip("/")
        self._portal = portal_origin.rstrip("/")

    async def reconcile(self, declaration: Declaration) -> Sequence[str]:
        return self.write(declaration)

    def write(self, declaration: Declaration) -> list[str]:
        """The names of the files that changed."""
        credentials = Credentials(self._directory)
        settings = _yaml(self._settings(declaration, credentials))
        users = _yaml({"users": {one.username: self._user(declaration, one, credentials) for one in declaration.staff}})
        changed = {
            "settings.yaml": write_private(self._directory / "settings.yaml", settings),
            "users.yaml": write_private(self._directory / "users.yaml", users),
            "access.json": write_access(
                self._directory, declaration, credentials, self._issuer(), f"{self._url}/token"
            ),
        }
        return [name for name, is_changed in changed.items() if is_changed]

    def _issuer(self) -> dict[str, Any]:
        return {
            "issuer": self._url,
            "jwks_url": f"{self._url.replace('localhost', '127.0.0.1')}/.well-known/jwks.json",
            "algorithm": "RS256",
            "organization_claim": "attributes.organization",
            "name_claim": "attributes.name",
            "types": ["access"],
        }

    def _settings(self, declaration: Declaration, credentials: Credentials) -> dict[str, Any]:
        return {
            "config_version": 1,
            "config_validation": "strict",
            "security_profile": "oauth21",
            "cors_allowed_origins": [],
            "server": {"host": "127.0.0.1", "port": int(self._url.rsplit(":", 1)[-1])},
            "oauth": {
                "issuer": self._url,
                "audience": AUDIENCE,
                "token_expiry_minutes": ACCESS_TOKEN_SECONDS // 60,
                "refresh_token_expiry_minutes": 600,
                "clients": [self._portal_client(credentials), *_api_clients(declaration, credentials)],
            },
            "jwt": {"keys_dir": str(self._directory / "keys")},
            "session": {
                "secret_key": credentials.own("session"),
                "management_secret": credentials.own("management"),
                "require_ui_login": True,
            },
            "logging": {
                "level": "WARNING",
                "log_token_requests": False,
                "log_saml_requests": False,
                "verbose_logging": False,
            },
        }

    def _portal_client(self, credentials: Credentials) -> dict[str, Any]:
        return {
            "client_id": PORTAL,
            "client_secret": credentials.client_secret(PORTAL),
            "description": "Safar",
            "redirect_uris": [f"{self._portal}{CALLBACK}"],
            "allowed_scopes": ["openid", "profile"],
            "show_client_id": False,
        }

    @staticmethod
    def _user(declaration: Declaration, staff: Staff, credentials: Credentials) -> dict[str, Any]:
        alias = declaration.agency(staff.agency_id).alias
        return {
            "password": credentials.password(staff.username),
            "email": "",
            "roles": sorted(staff.roles),
            "tenant": alias,
            "attributes": {"organization": [alias], "name": staff.name},
        }


def _api_clients(declaration: Declaration, credentials: Credentials) -> list[dict[str, Any]]:
    """A client without a redirect address that leads anywhere: it can only use client_credentials."""
    return [
        {
            "client_id": client.client_id,
            "client_secret": credentials.client_secret(client.client_id),
            "redirect_uris": ["http://127.0.0.1:9/none"],
            "allowed_scopes": ["profile"],
        }
        for client in declaration.clients
    ]


def _yaml(value: dict[str, Any]) -> str:
    """YAML of plain values: roles are enumerations of text, which YAML would spell as Python objects."""
    return yaml.safe_dump(_plain(value), sort_keys=False, allow_unicode=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return str(value) if isinstance(value, str) else value
