"""JWT-1 of the security reference: every forgery is refused, whoever signed it."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from contracts.terms import Role
from services.chassis.auth import InvalidTokenError, TokenVerifier
from tests.unit.identity.issuers import NOW, Clock, FakeIssuer, an_issuer, claims

ISSUER = FakeIssuer()
STRANGER = FakeIssuer()


def verifier() -> TokenVerifier:
    return TokenVerifier([an_issuer()], ISSUER.http(), clock=Clock())


def _segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned() -> str:
    return f"{_segment({'alg': 'none', 'kid': 'key-1', 'typ': 'JWT'})}.{_segment(claims())}."


def _hmac_with_the_public_key() -> str:
    signed = f"{_segment({'alg': 'HS256', 'kid': 'key-1', 'typ': 'JWT'})}.{_segment(claims())}"
    code = hmac.digest(ISSUER.keys["key-1"].as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"


def _embedded_key() -> str:
    own = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": "key-1", "jwk": own.as_dict(private=False)}
    return jws.serialize_compact(header, json.dumps(claims()), own)


def _another_payload() -> str:
    head, _, signature = ISSUER.token(claims()).split(".")
    return f"{head}.{_segment(claims(roles=['supervisor']))}.{signature}"


FORGERIES: dict[str, Callable[[], str]] = {
    "algorithm none": _unsigned,
    "HS256 with the public key": _hmac_with_the_public_key,
    "embedded jwk": _embedded_key,
    "payload changed after signing": _another_payload,
    "key of a stranger under a known kid": lambda: STRANGER.token(claims()),
    "unknown kid": lambda: ISSUER.token(claims(), kid="key-9"),
    "kid missing": lambda: jws.serialize_compact({"alg": "ES256"}, json.dumps(claims()), ISSUER.keys["key-1"]),
    "header names a key address": lambda: ISSUER.token(claims(), jku="https://evil.example/keys"),
    "header type of a logout token": lambda: ISSUER.token(claims(), typ="logout+jwt"),
    "unknown issuer": lambda: ISSUER.token(claims(iss="https://evil.example")),
    "issuer missing": lambda: ISSUER.token(claims(iss=None)),
    "issuer is a list": lambda: ISSUER.token(claims(iss=[claims()["iss"]])),
    "audience of another": lambda: ISSUER.token(claims(aud="other-api")),
    "audience missing": lambda: ISSUER.token(claims(aud=None)),
    "audience with a stranger": lambda: ISSUER.token(claims(aud=["safar-api", "evil"])),
    "audience with a number": lambda: ISSUER.token(claims(aud=["safar-api", 1])),
    "party unknown": lambda: ISSUER.token(claims(azp="evil-portal")),
    "party missing": lambda: ISSUER.token(claims(azp=None)),
    "parties contradict": lambda: ISSUER.token(claims(client_id="kz.sapar-demo.api")),
    "expired": lambda: ISSUER.token(claims(iat=int(NOW) - 400, exp=int(NOW) - 11)),
    "expiry missing": lambda: ISSUER.token(claims(exp=None)),
    "expiry is text": lambda: ISSUER.token(claims(exp=str(int(NOW) + 300))),
    "expiry is 1e308": lambda: ISSUER.token(claims(exp=1e308)),
    "expiry is a float": lambda: ISSUER.token(claims(exp=NOW + 300.0)),
    "expiry is true": lambda: ISSUER.token(claims(exp=True)),
    "lives an hour": lambda: ISSUER.token(claims(exp=int(NOW) + 3600)),
    "issued in the future": lambda: ISSUER.token(claims(iat=int(NOW) + 60, exp=int(NOW) + 300)),
    "issue time missing": lambda: ISSUER.token(claims(iat=None)),
    "not valid yet": lambda: ISSUER.token(claims(nbf=int(NOW) + 60)),
    "ID token": lambda: ISSUER.token(claims(typ="ID")),
    "refresh token": lambda: ISSUER.token(claims(typ="Refresh")),
    "logout token": lambda: ISSUER.token(claims(typ="Logout")),
    "ID token by another name": lambda: ISSUER.token(claims(token_use="id")),
    "type missing": lambda: ISSUER.token(claims(typ=None)),
    "two organizations": lambda: ISSUER.token(claims(organization=["kz-sapar-demo", "kz-kamqor-demo"])),
    "two organizations as an object": lambda: ISSUER.token(claims(organization={"kz-a": {}, "kz-b": {}})),
    "no organization": lambda: ISSUER.token(claims(organization=None)),
    "empty organization": lambda: ISSUER.token(claims(organization=[])),
    "organization of another country": lambda: ISSUER.token(claims(organization=["uz-najot-demo"])),
    "organization is a number": lambda: ISSUER.token(claims(organization=[7])),
    "registered client for another agency": lambda: ISSUER.token(
        claims(azp="kz.sapar-demo.api", organization=["kz-kamqor-demo"])
    ),
    "subject missing": lambda: ISSUER.token(claims(sub=None)),
    "claims are a list": lambda: jws.serialize_compact(
        {"alg": "ES256", "kid": "key-1"}, json.dumps([claims()]), ISSUER.keys["key-1"]
    ),
    "longer than any token": lambda: ISSUER.token(claims(padding="x" * 9000)),
    "not a token": lambda: "a.b.c",
    "not even ASCII": lambda: "токен",
    "empty": lambda: "",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forged_token_is_refused(forge: Callable[[], str]) -> None:
    token = forge()

    with pytest.raises(InvalidTokenError):
        await verifier().verify(token)


async def test_the_token_all_forgeries_start_from_is_accepted() -> None:
    found = await verifier().verify(ISSUER.token(claims()))

    assert found.agency == "kz.sapar-demo"
    assert found.subject == "o.primerova"
    assert found.roles == {Role.CASEWORKER}
    assert found.name == "O. Primerova"
    assert not found.is_client


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=3),
)


@given(name=st.sampled_from(["iss", "aud", "azp", "typ", "exp", "iat", "organization", "sub"]), value=junk)
async def test_a_claim_replaced_by_junk_is_refused_or_changes_nothing(name: str, value: Any) -> None:
    changed = claims() | {name: value}

    try:
        found = await verifier().verify(ISSUER.token(changed))
    except InvalidTokenError:
        return

    assert found.agency == "kz.sapar-demo"


@given(value=junk, name=st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x5c"]))
async def test_a_header_replaced_by_junk_is_refused(name: str, value: Any) -> None:
    header = {"alg": "ES256", "kid": "key-1", "typ": "JWT"} | {name: value}
    _, payload, signature = ISSUER.token(claims()).split(".")

    with pytest.raises(InvalidTokenError):
        await verifier().verify(f"{_segment(header)}.{payload}.{signature}")
