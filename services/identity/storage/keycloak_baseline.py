"""The baseline every realm is brought to (security reference §1): what Keycloak must say when asked."""

from typing import Any

from contracts.terms import Role
from services.identity.domain.agencies import Agency, ApiClient, Declaration, Staff
from services.identity.storage.access import ACCESS_TOKEN_SECONDS, AUDIENCE, CALLBACK, PORTAL

SCOPE = "safar"
"""Our client scope: the audience, the roles and the one organization of a token."""

ROLES = tuple(sorted(role.value for role in Role))


def realm(declaration: Declaration) -> dict[str, Any]:
    """Short tokens, brute-force protection, events on, nobody registers or renames themselves."""
    return {
        "realm": declaration.node,
        "displayName": f"Safar · {declaration.names.en}",
        "enabled": True,
        "organizationsEnabled": True,
        "registrationAllowed": False,
        "resetPasswordAllowed": False,
        "editUsernameAllowed": False,
        "loginWithEmailAllowed": False,
        "rememberMe": False,
        "bruteForceProtected": True,
        "permanentLockout": False,
        "failureFactor": 10,
        "maxFailureWaitSeconds": 900,
        "defaultSignatureAlgorithm": "ES256",
        "accessTokenLifespan": ACCESS_TOKEN_SECONDS,
        "accessCodeLifespan": 60,
        "ssoSessionIdleTimeout": 900,
        "ssoSessionMaxLifespan": 36000,
        "revokeRefreshToken": True,
        "refreshTokenMaxReuse": 0,
        "eventsEnabled": True,
        "eventsExpiration": 604800,
        "adminEventsEnabled": True,
        "adminEventsDetailsEnabled": False,
        "internationalizationEnabled": True,
        "supportedLocales": ["en", "ru"],
        "defaultLocale": "ru",
    }


def signing_key() -> dict[str, Any]:
    """An ES256 key pair that Keycloak makes for the realm."""
    return {
        "name": "safar-es256",
        "providerId": "ecdsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "config": {"priority": ["200"], "enabled": ["true"], "active": ["true"], "ecdsaEllipticCurveKey": ["P-256"]},
    }


def client_scope() -> dict[str, Any]:
    """What an access token says for us; `aud` and `organization` are in no token until somebody maps them."""
    return {
        "name": SCOPE,
        "protocol": "openid-connect",
        "attributes": {"include.in.token.scope": "false", "display.on.consent.screen": "false"},
        "protocolMappers": [
            _mapper("audience", "oidc-audience-mapper", {"included.custom.audience": AUDIENCE}),
            _mapper(
                "roles",
                "oidc-usermodel-realm-role-mapper",
                {"claim.name": "roles", "multivalued": "true", "jsonType.label": "String"},
            ),
        ],
    }


def portal_client(portal_origin: str, secret: str) -> dict[str, Any]:
    """Confidential, code flow with PKCE S256 only, two exact addresses; no offline access, no full scope."""
    return {
        "clientId": PORTAL,
        "name": "Safar",
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "secret": secret,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "fullScopeAllowed": False,
        "redirectUris": [f"{portal_origin}{CALLBACK}"],
        "webOrigins": [],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{portal_origin}/",
            "access.token.lifespan": str(ACCESS_TOKEN_SECONDS),
        },
        "defaultClientScopes": ["basic", "organization", "profile", SCOPE],
        "optionalClientScopes": [],
    }


def api_client(client: ApiClient, agency: Agency, secret: str) -> dict[str, Any]:
    """client_credentials only, bound to its agency by a claim that no request can change."""
    organization = {
        "claim.name": "organization",
        "claim.value": f'["{agency.alias}"]',
        "jsonType.label": "JSON",
    }
    return {
        "clientId": client.client_id,
        "name": agency.names.en,
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "secret": secret,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "fullScopeAllowed": False,
        "redirectUris": [],
        "webOrigins": [],
        "attributes": {"access.token.lifespan": str(ACCESS_TOKEN_SECONDS)},
        "protocolMappers": [_mapper("agency", "oidc-hardcoded-claim-mapper", organization)],
        "defaultClientScopes": ["basic", SCOPE, "service_account"],
        "optionalClientScopes": [],
    }


def organization(agency: Agency) -> dict[str, Any]:
    """One Organization per agency, named by its alias."""
    return {
        "name": agency.names.en,
        "alias": agency.alias,
        "enabled": True,
        "domains": [{"name": f"{agency.alias}.example", "verified": True}],
    }


def user(staff: Staff, agency: Agency) -> dict[str, Any]:
    """A member of staff; the address leads nowhere (RFC 2606) and only fills Keycloak's profile."""
    first, _, last = staff.name.partition(" ")
    return {
        "username": staff.username,
        "firstName": first,
        "lastName": last or first,
        "email": f"{staff.username}@{agency.alias}.example",
        "emailVerified": True,
        "enabled": True,
    }


def _mapper(name: str, kind: str, config: dict[str, str]) -> dict[str, Any]:
    targets = {"access.token.claim": "true", "id.token.claim": "false", "userinfo.token.claim": "false"}
    introspection = {"introspection.token.claim": "true"}
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": targets | introspection | config,
    }


def differs(actual: Any, desired: Any) -> bool:
    """Whether what we ask for is not there; what Keycloak adds of its own does not count."""
    if isinstance(desired, dict):
        return not isinstance(actual, dict) or any(differs(actual.get(key), value) for key, value in desired.items())
    if isinstance(desired, list) and isinstance(actual, list):
        if all(isinstance(member, str) for member in desired):
            return sorted(desired) != sorted(actual)
        return len(desired) != len(actual) or any(
            all(differs(candidate, member) for candidate in actual) for member in desired
        )
    return bool(actual != desired)
