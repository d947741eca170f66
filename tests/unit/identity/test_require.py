"""Authorisation first: anonymous, forged, wrong role, right."""

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from contracts.terms import Role
from services.chassis.auth import (
    InvalidTokenError,
    RoleMissingError,
    TokenMissingError,
    TokenVerifier,
    install_verifier,
    require,
)
from tests.unit.identity.issuers import Clock, FakeIssuer, an_issuer, claims

ISSUER = FakeIssuer()


def request(authorization: str | None) -> Request:
    app = FastAPI()
    install_verifier(app, TokenVerifier([an_issuer()], ISSUER.http(), clock=Clock()))
    headers = [(b"authorization", authorization.encode())] if authorization else []
    return Request({"type": "http", "app": app, "headers": headers})


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer ", "Basic bzpw"])
async def test_nobody_is_asked_to_sign_in(authorization: str | None) -> None:
    with pytest.raises(TokenMissingError) as refused:
        await require(Role.CASEWORKER)(request(authorization))

    assert refused.value.kind.value == 401


async def test_a_forged_token_is_refused_before_its_role_is_read() -> None:
    token = FakeIssuer().token(claims())

    with pytest.raises(InvalidTokenError) as refused:
        await require(Role.CASEWORKER)(request(f"Bearer {token}"))

    assert refused.value.kind.value == 401


async def test_a_role_that_does_not_suffice_is_named_in_the_problem() -> None:
    with pytest.raises(RoleMissingError) as refused:
        await require(Role.AGENCY_ADMIN, Role.SUPERVISOR)(request(f"Bearer {ISSUER.token(claims())}"))

    assert refused.value.kind.value == 403
    assert refused.value.code == "role_missing"
    assert "agency_admin, supervisor" in str(refused.value.detail)


async def test_one_of_the_roles_is_enough() -> None:
    found = await require(Role.CASEWORKER, Role.SUPERVISOR)(request(f"bearer {ISSUER.token(claims())}"))

    assert found.agency == "kz.sapar-demo"
