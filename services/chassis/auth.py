"""The door of every API: a bearer token in, a principal out (401), with the roles an operation needs (403)."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from contracts.terms import Role
from services.chassis.claims import InvalidTokenError
from services.chassis.jwks import IssuerUnavailableError
from services.chassis.principal import Principal
from services.chassis.problems import DomainError, Kind
from services.chassis.tokens import TokenVerifier, refuse_development_issuers

__all__ = [
    "InvalidTokenError",
    "IssuerUnavailableError",
    "Principal",
    "RoleMissingError",
    "TokenMissingError",
    "TokenVerifier",
    "install_verifier",
    "principal",
    "refuse_development_issuers",
    "require",
]


class TokenMissingError(DomainError):
    """Nobody said who asks."""

    code = "token_missing"
    kind = Kind.UNAUTHENTICATED
    title = "Sign in first"

    def __init__(self) -> None:
        super().__init__(remedy="Send one access token in the header Authorization: Bearer …")


class RoleMissingError(DomainError):
    """Known, but not allowed this."""

    code = "role_missing"
    kind = Kind.FORBIDDEN
    title = "Your role does not include this"

    def __init__(self, roles: frozenset[Role]) -> None:
        named = ", ".join(sorted(role.value for role in roles))
        super().__init__(f"This needs one of the roles: {named}.", remedy="Ask your agency's administrator.")


def install_verifier(app: FastAPI, verifier: TokenVerifier) -> None:
    """Give an application the verifier that `principal` and `require` use."""
    app.state.verifier = verifier


async def principal(request: Request) -> Principal:
    """Who asks, whatever the role."""
    given = request.headers.getlist("authorization")  # of two, another reader could believe the other
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissingError
    verifier: TokenVerifier = request.app.state.verifier
    return await verifier.verify(token)


class _Holder(SecurityBase):
    """A dependency that the API description names as what it is: a bearer token."""

    def __init__(self, wanted: frozenset[Role]) -> None:
        self.model = HTTPBearerModel(bearerFormat="JWT", description="An access token of the node's identity provider.")
        self.scheme_name = "bearer"
        self._wanted = wanted

    async def __call__(self, request: Request) -> Principal:
        found = await principal(request)
        if self._wanted and found.roles.isdisjoint(self._wanted):
            raise RoleMissingError(self._wanted)
        return found


def require(*roles: Role) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency: the principal, if it holds one of these roles; any known principal when none is named."""
    return _Holder(frozenset(roles))
