"""Keycloak, brought to the declaration through python-keycloak: its only door, and it only provisions.

Every step asks first and changes only what differs, so that a second run changes nothing and drift is mended.
"""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakAuthenticationError, KeycloakConnectionError

from services.identity.domain.agencies import Agency, Declaration, Staff
from services.identity.domain.errors import ProviderUnavailableError
from services.identity.storage import keycloak_baseline as baseline
from services.identity.storage.access import PORTAL, write_access
from services.identity.storage.credentials import Credentials


class Keycloak:
    """One server, a realm per node. `directory` keeps the installation's secrets and gets `access.json`."""

    def __init__(self, directory: Path, url: str, portal_origin: str, administrator: str, password: str) -> None:
        self._directory = directory.resolve()
        self._url = url.rstrip("/")
        self._portal = portal_origin.rstrip("/")
        self._administrator = administrator
        self._password = password

    async def reconcile(self, declaration: Declaration) -> Sequence[str]:
        try:
            return await self._reconcile(declaration)
        except (KeycloakConnectionError, KeycloakAuthenticationError):
            raise ProviderUnavailableError(remedy="Check that Keycloak runs, and its administrator.") from None

    async def _reconcile(self, declaration: Declaration) -> list[str]:
        credentials = Credentials(self._directory)
        async with self.administrator("master") as master:
            changes = await _realm(master, declaration)
        # A token issued before the realm existed holds no rights in it, so another sign-in.
        async with self.administrator(declaration.node) as admin:
            run = _RealmRun(admin, declaration, credentials)
            changes += await run.keys() + await run.roles() + await run.scope()
            changes += await run.clients(self._portal)
            changes += await run.organizations() + await run.staff() + await run.gone()
        if write_access(self._directory, declaration, credentials, self._issuer(declaration), self._token(declaration)):
            changes.append("access.json written")
        return changes

    @asynccontextmanager
    async def administrator(self, realm: str) -> AsyncIterator[KeycloakAdmin]:
        """The administrator, at work in one realm; python-keycloak leaves its connections open, this closes them."""
        admin = KeycloakAdmin(
            server_url=self._url,
            username=self._administrator,
            password=self._password,
            realm_name=realm,
            user_realm_name="master",
            timeout=30,
        )
        try:
            yield admin
        finally:
            for manager in (admin.connection, admin.connection.keycloak_openid.connection):
                await manager.aclose()

    def _issuer(self, declaration: Declaration) -> dict[str, Any]:
        issuer = f"{self._url}/realms/{declaration.node}"
        return {
            "issuer": issuer,
            "jwks_url": f"{issuer.replace('localhost', '127.0.0.1')}/protocol/openid-connect/certs",
            "algorithm": "ES256",
            "subject_claim": "preferred_username",
            "types": ["Bearer"],
        }

    def _token(self, declaration: Declaration) -> str:
        return f"{self._url}/realms/{declaration.node}/protocol/openid-connect/token"


async def _realm(master: KeycloakAdmin, declaration: Declaration) -> list[str]:
    desired = baseline.realm(declaration)
    actual = {one["realm"]: one for one in await master.a_get_realms()}.get(declaration.node)
    if actual is None:
        await master.a_create_realm(desired)
        return [f"realm {declaration.node} created"]
    if baseline.differs(actual, desired):
        await master.a_update_realm(declaration.node, desired)
        return [f"realm {declaration.node} updated"]
    return []


class _RealmRun:
    """One pass over a realm that exists."""

    def __init__(self, admin: KeycloakAdmin, declaration: Declaration, credentials: Credentials) -> None:
        self._admin = admin
        self._declaration = declaration
        self._credentials = credentials
        self._every_role: dict[str, dict[str, Any]] = {}

    async def keys(self) -> list[str]:
        desired = baseline.signing_key()
        found = await self._admin.a_get_components({"name": desired["name"], "type": desired["providerType"]})
        if found:
            return []
        await self._admin.a_create_component(desired)
        return ["signing key made"]

    async def roles(self) -> list[str]:
        known = {role["name"] for role in await self._admin.a_get_realm_roles()}
        missing = [role for role in baseline.ROLES if role not in known]
        for role in missing:
            await self._admin.a_create_realm_role({"name": role})
        return [f"role {role} made" for role in missing]

    async def scope(self) -> list[str]:
        """Our client scope, and the roles that it lets through (full scope is off)."""
        changes: list[str] = []
        scopes = _by(await self._admin.a_get_client_scopes(), "name")
        found = scopes.get(baseline.SCOPE)
        if found is None:
            scope_id = await self._admin.a_create_client_scope(baseline.client_scope())
            changes.append("client scope made")
        else:
            scope_id = found["id"]
            changes += await self._mappers(found)
        path = f"admin/realms/{self._declaration.node}/client-scopes/{scope_id}/scope-mappings/realm"
        mapped = _by((await self._admin.connection.a_raw_get(path)).json(), "name")
        self._every_role = _by(await self._admin.a_get_realm_roles(), "name")
        missing = [self._every_role[role] for role in baseline.ROLES if role not in mapped]
        if missing:
            await self._admin.connection.a_raw_post(path, data=json.dumps(missing))
            changes.append("roles let through the client scope")
        return changes

    async def _mappers(self, scope: dict[str, Any]) -> list[str]:
        changes: list[str] = []
        actual = _by(scope.get("protocolMappers", []), "name")
        for desired in baseline.client_scope()["protocolMappers"]:
            found = actual.get(desired["name"])
            if found is not None and baseline.differs(found, desired):
                await self._admin.a_update_mapper_in_client_scope(scope["id"], found["id"], desired)
            elif found is None:
                await self._admin.a_add_mapper_to_client_scope(scope["id"], desired)
            else:
                continue
            changes.append(f"mapper {desired['name']} mended")
        return changes

    async def clients(self, portal_origin: str) -> list[str]:
        actual = _by(await self._admin.a_get_clients(), "clientId")
        portal = PORTAL
        desired = [baseline.portal_client(portal_origin, self._credentials.client_secret(portal))]
        for client in self._declaration.clients:
            secret = self._credentials.client_secret(client.client_id)
            desired.append(baseline.api_client(client, self._declaration.agency(client.agency_id), secret))
        changes = [await self._client(actual.get(one["clientId"]), one) for one in desired]
        if any(changes):
            actual = _by(await self._admin.a_get_clients(), "clientId")
        for client in self._declaration.clients:
            account = await self._admin.a_get_client_service_account_user(actual[client.client_id]["id"])
            changes.append(await self._grant(account["id"], client.roles, f"roles of client {client.client_id}"))
        return [change for change in changes if change]

    async def _client(self, actual: dict[str, Any] | None, desired: dict[str, Any]) -> str | None:
        if actual is None:
            await self._admin.a_create_client(desired)
            return f"client {desired['clientId']} made"
        if not baseline.differs(actual, desired):
            return None
        merged = {**desired, "attributes": actual.get("attributes", {}) | desired["attributes"]}
        await self._admin.a_update_client(actual["id"], merged)
        await self._client_scopes(actual, desired)
        return f"client {desired['clientId']} mended"

    async def _client_scopes(self, actual: dict[str, Any], desired: dict[str, Any]) -> None:
        """An update of a client leaves its scopes alone, so they are mended one by one."""
        scopes = _by(await self._admin.a_get_client_scopes(), "name")
        for kind in ("default", "optional"):
            was, wanted = set(actual[f"{kind}ClientScopes"]), set(desired[f"{kind}ClientScopes"])
            path = f"admin/realms/{self._declaration.node}/clients/{actual['id']}/{kind}-client-scopes"
            for name in was - wanted:
                await self._admin.connection.a_raw_delete(f"{path}/{scopes[name]['id']}")
            for name in wanted - was:
                await self._admin.connection.a_raw_put(f"{path}/{scopes[name]['id']}", data="{}")

    async def organizations(self) -> list[str]:
        changes: list[str] = []
        actual = _by(await self._admin.a_get_organizations({"briefRepresentation": "false"}), "alias")
        for agency in self._declaration.agencies:
            desired, found = baseline.organization(agency), actual.get(agency.alias)
            if found is None:
                await self._admin.a_create_organization(desired)
                changes.append(f"organization {agency.alias} made")
            elif baseline.differs(found, desired):
                await self._admin.a_update_organization(found["id"], found | desired)
                changes.append(f"organization {agency.alias} mended")
        return changes

    async def staff(self) -> list[str]:
        changes: list[str] = []
        known = _by(await self._admin.a_get_users({"briefRepresentation": "false"}), "username")
        organizations = _by(await self._admin.a_get_organizations(), "alias")
        for agency in self._declaration.agencies:
            organization_id = organizations[agency.alias]["id"]
            members = await self._admin.a_get_organization_members(organization_id, {"max": 1000})
            inside = {member["username"] for member in members}
            for one in self._declaration.staff_of(agency):
                user_id, done = await self._user(one, agency, known.get(one.username))
                if one.username not in inside:
                    await self._admin.a_organization_user_add(user_id, organization_id)
                    done = done or "staff joined an organization"
                changes += [done] if done else []
        return changes

    async def gone(self) -> list[str]:
        """Who is not declared any more signs in no more, and what they were signed in to ends."""
        staff = {one.username for one in self._declaration.staff}
        systems = {one.client_id for one in self._declaration.clients} | {PORTAL}
        users = [one for one in await self._admin.a_get_users() if one["enabled"] and one["username"] not in staff]
        for one in users:
            await self._admin.a_update_user(one["id"], {**one, "enabled": False})
            await self._admin.a_user_logout(one["id"])
        clients = [
            one
            for one in await self._admin.a_get_clients()
            if one["enabled"] and baseline.SCOPE in one["defaultClientScopes"] and one["clientId"] not in systems
        ]
        for one in clients:
            await self._admin.a_update_client(one["id"], {"enabled": False})
        return ["staff shut out"] * len(users) + ["client shut out"] * len(clients)

    async def _user(self, one: Staff, agency: Agency, actual: dict[str, Any] | None) -> tuple[str, str | None]:
        desired = baseline.user(one, agency)
        is_new_password = not self._credentials.has_password(one.username)
        password = self._credentials.password(one.username)
        done: str | None = None
        if actual is None:
            sign_in = {"type": "password", "value": password, "temporary": False}
            user_id = str(await self._admin.a_create_user({**desired, "credentials": [sign_in]}))
            done = "staff made"
        else:
            user_id = actual["id"]
            if baseline.differs(actual, desired):
                await self._admin.a_update_user(user_id, actual | desired)
                done = "staff mended"
            if is_new_password:
                await self._admin.a_set_user_password(user_id, password, temporary=False)
                done = "staff password set"
        return user_id, await self._grant(user_id, one.roles, "roles of staff") or done

    async def _grant(self, user_id: str, roles: Iterable[str], whose: str) -> str | None:
        """Exactly these of our roles; Keycloak's own are left alone."""
        held = _by(await self._admin.a_get_realm_roles_of_user(user_id), "name")
        wanted = {str(role) for role in roles}
        missing = [self._every_role[role] for role in sorted(wanted - held.keys())]
        surplus = [held[role] for role in baseline.ROLES if role in held and role not in wanted]
        if missing:
            await self._admin.a_assign_realm_roles(user_id, missing)
        if surplus:
            await self._admin.a_delete_realm_roles_of_user(user_id, surplus)
        return f"{whose} set" if missing or surplus else None


def _by(entries: Iterable[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {entry[key]: entry for entry in entries}
