import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.errors import LauncherError
from deploy.local.plan import COUNTRIES, Plan, plan


def test_countries_are_read_in_any_case_and_order() -> None:
    assert plan("UZ, kz", "8400").countries == ("kz", "uz")
    assert plan("All", "8400").countries == COUNTRIES


def test_an_unknown_country_gets_a_sentence_that_names_it_and_the_known_ones() -> None:
    with pytest.raises(LauncherError, match=r"no node for 'de'.*kz, kg, tj, tm, uz"):
        plan("kz,de", "8400")


@pytest.mark.parametrize("port", ["", "http", "80", "65500", "-1", "８４００"])
def test_an_impossible_port_gets_a_sentence(port: str) -> None:
    with pytest.raises(LauncherError, match="cannot be a base port"):
        plan("kz", port)


def test_an_unknown_identity_provider_gets_a_sentence() -> None:
    with pytest.raises(LauncherError, match="nanoidp"):
        plan("kz", "8400", "auth0")


def test_ports_are_where_the_documents_say() -> None:
    asked = plan("kz,uz", "8400")

    assert asked.port("region", "edge") == 8400
    assert asked.port("kz", "referrals") == 8424
    assert asked.port("uz", "idp") == 8507
    assert asked.port("hub", "leaf") == 8529
    assert asked.postgres_port == 8539


@given(
    st.sets(st.sampled_from(COUNTRIES), min_size=1),
    st.integers(1024, 65000),
    st.sampled_from(["nanoidp", "keycloak"]),
)
def test_no_two_parts_share_a_port_and_all_lie_in_one_block(countries: set[str], base: int, identity: str) -> None:
    asked = Plan(tuple(countries), base, identity)
    shared, region, country = 4, 7, 10
    parts = shared + region + country * len(countries) + (2 - len(asked.nodes) if identity == "keycloak" else 0)

    ports = asked.ports()

    assert len(ports) == parts
    assert all(base <= port < base + 140 for port in ports)


def test_a_country_exchanges_with_the_other_countries_and_the_region_and_the_region_with_all() -> None:
    asked = plan("kz,uz,kg", "8400")

    assert asked.partners("kz") == ("kg", "uz")
    assert asked.neighbours("kz") == ("kg", "uz", "region")
    assert asked.partners("region") == ()
    assert asked.neighbours("region") == ("kz", "kg", "uz")
