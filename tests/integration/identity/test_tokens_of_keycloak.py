"""Keycloak and nanoidp, from one fixture, give the same principals; reconciling twice changes nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from keycloak import KeycloakAdmin

from services.chassis.auth import InvalidTokenError, TokenVerifier
from services.chassis.settings import Issuer
from services.identity.domain.agencies import Declaration
from services.identity.storage.keycloak import Keycloak
from tests.integration.identity.conftest import RunningProvider
from tests.support.code_flow import client_token, refresh, sign_in

pytestmark = pytest.mark.keycloak


@pytest_asyncio.fixture(scope="session")
async def verifier(keycloak: RunningProvider, nanoidp: RunningProvider) -> AsyncIterator[TokenVerifier]:
    """One verifier that believes both."""
    issuers = [Issuer.model_validate(one.access["issuer"]) for one in (keycloak, nanoidp)]
    both = TokenVerifier(issuers, mode="development")
    yield both
    await both.close()


@pytest_asyncio.fixture
async def admin(keycloak: RunningProvider) -> AsyncIterator[KeycloakAdmin]:
    assert isinstance(keycloak.provider, Keycloak)
    async with keycloak.provider.administrator("kz") as found:
        yield found


@pytest.mark.parametrize("username", ["o.primerova", "m.ministrova", "d.dokturova"])
async def test_a_person_is_the_same_principal_at_both(
    username: str, verifier: TokenVerifier, keycloak: RunningProvider, nanoidp: RunningProvider
) -> None:
    tokens = [await sign_in(one.portal, *one.login(username)) for one in (keycloak, nanoidp)]

    real, development = [await verifier.verify(one["access_token"]) for one in tokens]

    assert replace(real, token_id=None) == replace(development, token_id=None)


async def test_an_api_client_is_the_same_principal_at_both(
    verifier: TokenVerifier, keycloak: RunningProvider, nanoidp: RunningProvider
) -> None:
    tokens = [await client_token(one.access, "kz.sapar-demo") for one in (keycloak, nanoidp)]

    real, development = [await verifier.verify(one) for one in tokens]

    assert replace(real, token_id=None) == replace(development, token_id=None)


async def test_id_and_refresh_tokens_are_no_access_tokens(keycloak: RunningProvider) -> None:
    tokens = await sign_in(keycloak.portal, *keycloak.login("o.primerova"))

    said = await keycloak.verifier.verify_id_token(tokens["id_token"], client_id="safar-portal", nonce=tokens["nonce"])
    assert (said["name"], said["sub"]) == ("O. Primerova", "o.primerova")
    for kind in ("id_token", "refresh_token"):
        with pytest.raises(InvalidTokenError):
            await keycloak.verifier.verify(tokens[kind])


async def test_without_pkce_or_with_a_wrong_password_nobody_signs_in(keycloak: RunningProvider) -> None:
    username, password = keycloak.login("o.primerova")

    with pytest.raises(PermissionError, match="invalid_request"):
        await sign_in(keycloak.portal, username, password, pkce=False)
    with pytest.raises(PermissionError, match="login_refused"):
        await sign_in(keycloak.portal, username, f"{password}x")


async def test_a_second_run_changes_nothing(keycloak: RunningProvider, kazakhstan: Declaration) -> None:
    assert await keycloak.provider.reconcile(kazakhstan) == []


async def test_a_member_of_two_organizations_is_refused(
    keycloak: RunningProvider, admin: KeycloakAdmin, kazakhstan: Declaration
) -> None:
    """KC-1: the claim of a token must name exactly one agency."""
    organizations = {one["alias"]: one["id"] for one in await admin.a_get_organizations()}
    user_id = str(await admin.a_get_user_id("d.namunaeva"))
    await admin.a_organization_user_add(user_id, organizations["kz-sapar-demo"])

    try:
        tokens = await sign_in(keycloak.portal, *keycloak.login("d.namunaeva"))
        with pytest.raises(InvalidTokenError):
            await keycloak.verifier.verify(tokens["access_token"])
    finally:
        await admin.a_organization_user_remove(user_id, organizations["kz-sapar-demo"])

    assert await keycloak.provider.reconcile(kazakhstan) == []


async def test_drift_is_mended_and_then_quiet(
    keycloak: RunningProvider, admin: KeycloakAdmin, kazakhstan: Declaration
) -> None:
    portal_id = str(await admin.a_get_client_id("safar-portal"))
    await admin.a_update_realm("kz", {"accessTokenLifespan": 3600, "bruteForceProtected": False})
    await admin.a_update_client(portal_id, {"directAccessGrantsEnabled": True, "fullScopeAllowed": True})
    ministry = await admin.a_get_realm_role("national_coordinator")
    await admin.a_assign_realm_roles(str(await admin.a_get_user_id("o.primerova")), [ministry])

    mended = await keycloak.provider.reconcile(kazakhstan)

    assert list(mended) == ["realm kz updated", "client safar-portal mended", "roles of staff set"]
    assert await keycloak.provider.reconcile(kazakhstan) == []


async def test_who_left_the_declaration_is_signed_out_and_signs_in_no_more(
    keycloak: RunningProvider, kazakhstan: Declaration
) -> None:
    tokens = await sign_in(keycloak.portal, *keycloak.login("s.starshina"))
    await client_token(keycloak.access, "kz.sapar-demo")
    left = replace(
        kazakhstan,
        staff=tuple(one for one in kazakhstan.staff if one.username != "s.starshina"),
        clients=tuple(one for one in kazakhstan.clients if one.agency_id != "kz.sapar-demo"),
    )
    username, password = keycloak.login("s.starshina")
    access = keycloak.access

    done = await keycloak.provider.reconcile(left)

    assert list(done) == ["staff shut out", "client shut out", "access.json written"]
    assert (await refresh(keycloak.portal, tokens["refresh_token"])).status_code == 400
    with pytest.raises(PermissionError):
        await sign_in(keycloak.portal, username, password)
    with pytest.raises(httpx.HTTPStatusError):
        await client_token(access, "kz.sapar-demo")
    assert await keycloak.provider.reconcile(left) == []

    await keycloak.provider.reconcile(kazakhstan)
    assert await sign_in(keycloak.portal, username, password)


async def test_a_refresh_token_is_good_once(keycloak: RunningProvider) -> None:
    tokens = await sign_in(keycloak.portal, *keycloak.login("s.starshina"))

    renewed = await refresh(keycloak.portal, tokens["refresh_token"])
    again = await refresh(keycloak.portal, tokens["refresh_token"])

    before, after = [await keycloak.verifier.verify(one["access_token"]) for one in (tokens, renewed.json())]
    assert (before.subject, before.agency, before.roles) == (after.subject, after.agency, after.roles)
    assert again.status_code == 400
