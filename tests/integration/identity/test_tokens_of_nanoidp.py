"""Tokens of the development provider, by real flows, through the one verifier."""

import httpx
import pytest

from contracts.terms import Role
from services.chassis.auth import InvalidTokenError
from services.identity.domain.agencies import Declaration
from tests.integration.identity.conftest import RunningProvider
from tests.support.code_flow import client_token, refresh, sign_in


async def test_a_caseworker_signs_in_with_code_and_pkce(nanoidp: RunningProvider) -> None:
    tokens = await sign_in(nanoidp.portal, *nanoidp.login("o.primerova"))

    found = await nanoidp.verifier.verify(tokens["access_token"])
    said = await nanoidp.verifier.verify_id_token(tokens["id_token"], client_id="safar-portal", nonce=tokens["nonce"])

    assert (found.agency, found.roles, found.name) == ("kz.sapar-demo", {Role.CASEWORKER}, "O. Primerova")
    assert said["sub"] == found.subject


async def test_id_and_refresh_tokens_are_no_access_tokens(nanoidp: RunningProvider) -> None:
    tokens = await sign_in(nanoidp.portal, *nanoidp.login("o.primerova"))

    for kind in ("id_token", "refresh_token"):
        with pytest.raises(InvalidTokenError):
            await nanoidp.verifier.verify(tokens[kind])


async def test_without_pkce_or_with_a_wrong_password_nobody_signs_in(nanoidp: RunningProvider) -> None:
    username, password = nanoidp.login("o.primerova")

    with pytest.raises(PermissionError, match="invalid_request"):
        await sign_in(nanoidp.portal, username, password, pkce=False)
    with pytest.raises(PermissionError, match="login_refused"):
        await sign_in(nanoidp.portal, username, f"{password}x")


async def test_an_api_client_cannot_give_itself_another_agency(nanoidp: RunningProvider) -> None:
    client = nanoidp.access["clients"]["kz.sapar-demo"]
    wish = '{"organization": ["kz-ministry-demo"], "azp2": "x", "typ": "Bearer"}'
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            nanoidp.access["token_endpoint"],
            data={"grant_type": "client_credentials", "extra": wish},
            auth=(client["client_id"], client["client_secret"]),
        )

    found = await nanoidp.verifier.verify(answer.json()["access_token"])

    assert (found.agency, found.roles) == ("kz.sapar-demo", {Role.INTEGRATION})


async def test_a_second_run_changes_no_file(nanoidp: RunningProvider, kazakhstan: Declaration) -> None:
    assert await nanoidp.provider.reconcile(kazakhstan) == []


async def test_secrets_are_readable_by_their_owner_only(nanoidp: RunningProvider) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in nanoidp.directory.iterdir() if path.suffix}

    secret = {"access.json", "credentials.json", "settings.yaml", "users.yaml", "portal.secret"}
    assert {name: modes[name] for name in secret} == dict.fromkeys(secret, 0)


async def test_the_sign_in_page_asks_nothing_of_another_origin(nanoidp: RunningProvider) -> None:
    query = {
        "response_type": "code", "client_id": "safar-portal", "redirect_uri": nanoidp.portal.redirect_uri,
        "scope": "openid", "code_challenge": "x" * 43, "code_challenge_method": "S256", "state": "s",
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as http:
        page = await http.get(f"{nanoidp.portal.issuer}/authorize", params=query)

    assert page.status_code == 200
    assert "//" not in page.text.replace(nanoidp.portal.issuer, "")


async def test_a_client_token_names_the_client(nanoidp: RunningProvider) -> None:
    found = await nanoidp.verifier.verify(await client_token(nanoidp.access, "kz.kamqor-demo"))

    assert (found.subject, found.agency, found.is_client) == ("kz.kamqor-demo.api", "kz.kamqor-demo", True)


async def test_a_refresh_token_is_good_once(nanoidp: RunningProvider) -> None:
    tokens = await sign_in(nanoidp.portal, *nanoidp.login("s.starshina"))

    renewed = await refresh(nanoidp.portal, tokens["refresh_token"])
    again = await refresh(nanoidp.portal, tokens["refresh_token"])

    before, after = [await nanoidp.verifier.verify(one["access_token"]) for one in (tokens, renewed.json())]
    assert (before.subject, before.agency, before.roles) == (after.subject, after.agency, after.roles)
    assert again.status_code == 400
