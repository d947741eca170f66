"""Districts: codes are unique, of the five countries, and agencies may have been enrolled by name."""

import re

import pytest

from contracts.districts import DISTRICTS, code_of
from contracts.terms import Country


def test_codes_are_iso_3166_2_and_unique() -> None:
    codes = [district.code for district in DISTRICTS]

    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"(KZ|KG|TJ|TM|UZ)-[A-Z0-9]{1,2}", code) for code in codes)
    assert {district.country for district in DISTRICTS} == set(Country)


@pytest.mark.parametrize(
    ("country", "said", "code"),
    [
        (Country.KZ, "KZ-75", "KZ-75"),
        (Country.KZ, "Almaty", "KZ-75"),
        (Country.TJ, "Khujand", "TJ-SU"),
        (Country.TM, "Turkmenabat", "TM-L"),
        (Country.KG, "Osh", "KG-GO"),
        (Country.UZ, "ташкент", "UZ-TK"),
        (Country.UZ, "Almaty", None),
        (None, "Almaty", None),
        (Country.UZ, None, None),
    ],
)
def test_a_district_is_known_by_code_or_by_name(country: Country | None, said: str | None, code: str | None) -> None:
    assert code_of(country, said) == code
