"""What the claims of a verified token must say, and the principal they name."""

from collections.abc import Mapping
from typing import Any

from contracts.terms import Role
from services.chassis.principal import Principal
from services.chassis.problems import DomainError, Kind
from services.chassis.settings import Issuer

LONGEST_LIFE = 600
SKEW = 10
_NEVER = frozenset({"id", "refresh", "logout", "offline"})
_REGION_ROLES = frozenset(
    {Role.REGIONAL_COORDINATOR, Role.DATA_PROTECTION_OFFICER, Role.AGENCY_ADMIN, Role.PLATFORM_OPERATOR}
)
_COUNTRY_ROLES = frozenset(Role) - {Role.REGIONAL_COORDINATOR}


class InvalidTokenError(DomainError):
    """The token is not one we accept; which rule it broke is nobody's business."""

    code = "token_invalid"
    kind = Kind.UNAUTHENTICATED
    title = "Sign in again"

    def __init__(self) -> None:
        super().__init__(remedy="Get a new access token and send the request again.")


def require_type(issuer: Issuer, claims: Mapping[str, Any], header_type: str) -> None:
    """An access token: by the claim the provider sets (`typ` or `token_use`), or by the header of RFC 9068."""
    said = [str(claims[name]) for name in ("typ", "token_use", "token_type") if name in claims]
    if any(word.lower() in _NEVER for word in said):
        raise InvalidTokenError
    if issuer.types and issuer.types.isdisjoint([*said, header_type]):
        raise InvalidTokenError


def require_audience(issuer: Issuer, claims: Mapping[str, Any]) -> None:
    """For us, and for nobody whom we do not know."""
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise InvalidTokenError
    if issuer.audience not in named or not {issuer.audience, *issuer.allowed_audiences}.issuperset(named):
        raise InvalidTokenError


def require_lifetime(claims: Mapping[str, Any], now: float) -> int:
    """The end of the token's life, in whole seconds since 1970; at most ten minutes after its beginning."""
    issued, expires, begins = claims.get("iat"), claims.get("exp"), claims.get("nbf", claims.get("iat"))
    if type(issued) is not int or type(expires) is not int or type(begins) is not int:
        raise InvalidTokenError
    if not 0 < expires - issued <= LONGEST_LIFE or now >= expires + SKEW or max(issued, begins) > now + SKEW:
        raise InvalidTokenError
    return expires


def principal_of(issuer: Issuer, claims: Mapping[str, Any]) -> Principal:
    """Exactly one agency, of the issuer's own node; an API client's agency comes from our registry."""
    client_id = _party(issuer, claims) or ""
    client = issuer.clients.get(client_id)
    alias = _alias(_at(claims, issuer.organization_claim))
    if client is not None:
        subject, agency, roles = client_id, client.agency, client.roles
        if alias is not None and _agency(issuer, alias) != agency:
            raise InvalidTokenError
    else:
        subject, agency = subject_of(issuer, claims), _agency(issuer, alias)
        roles = _texts(_at(claims, issuer.roles_claim)) - {Role.INTEGRATION.value}
    name, token_id = _at(claims, issuer.name_claim), claims.get("jti")
    return Principal(
        subject=subject,
        agency=agency,
        roles=_known_roles(issuer, roles),
        name=name if isinstance(name, str) and client is None else None,
        node=issuer.node,
        is_client=client is not None,
        token_id=token_id if isinstance(token_id, str) else None,
    )


def subject_of(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    """The stable name of a person at this issuer: `sub`, or the claim that the issuer keeps immutable instead."""
    subject = _at(claims, issuer.subject_claim)
    if not isinstance(subject, str) or not subject.isprintable() or not subject:
        raise InvalidTokenError
    return subject


def _party(issuer: Issuer, claims: Mapping[str, Any]) -> str | None:
    """The OAuth client the token was issued to, known to us when we keep a list."""
    named = {claims[name] for name in ("azp", "client_id") if isinstance(claims.get(name), str)}
    if len(named) > 1:
        raise InvalidTokenError
    party = next(iter(named), None)
    if issuer.authorized_parties and party not in issuer.authorized_parties and party not in issuer.clients:
        raise InvalidTokenError
    return party


def _alias(organization: Any) -> str | None:
    """The alias of the one organization; a list or an object (as Keycloak maps it) with more than one is refused."""
    named = list(organization) if isinstance(organization, (list, dict)) else [organization]
    if len(named) != 1 or not isinstance(named[0], str | None):
        raise InvalidTokenError
    return named[0]


def _agency(issuer: Issuer, alias: str | None) -> str:
    node, separator, slug = (alias or "").partition("-")
    if node != issuer.node or not separator or not slug:
        raise InvalidTokenError
    return f"{node}.{slug}"


def _known_roles(issuer: Issuer, said: frozenset[str]) -> frozenset[Role]:
    """The roles we know, below the ceiling of the issuer: no country makes a regional coordinator, nor the reverse."""
    ceiling = _REGION_ROLES if issuer.node == "region" else _COUNTRY_ROLES
    return frozenset(role for role in ceiling if role.value in said)


def _texts(value: Any) -> frozenset[str]:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
