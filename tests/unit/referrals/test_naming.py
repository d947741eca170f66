"""A note that names the person is seen, and an ordinary one is let through."""

import pytest

from contracts.terms import IdentityField as F
from services.referrals.domain.naming import named_in

PERSON = {
    F.FULL_NAME: "Вымышлена Тестова",
    F.PHONE: "+7 (700) 000-01-23",
    F.IDENTITY_DOCUMENT: "N 0012 3456",
    F.BIRTH_DATE: "1999-05-06",
    F.ADDRESS: "Примерный, улица Образцовая, 15",
}


@pytest.mark.parametrize(
    ("note", "field"),
    [
        ("Call Вымышлена in the evening", F.FULL_NAME),
        ("Позвоните ТЕСТОВОЙ вечером", F.FULL_NAME),
        ("8 700 000 01 23, after six", F.PHONE),
        ("passport N00123456", F.IDENTITY_DOCUMENT),
        ("ask for Vymyshlena", F.FULL_NAME),
        ("her name is Testova.", F.FULL_NAME),
        ("born 1999-05-06", F.BIRTH_DATE),
        ("родилась 6.5.99", F.BIRTH_DATE),
        ("родилась 06 мая 1999 г.", F.BIRTH_DATE),
        ("May 6, 1999", F.BIRTH_DATE),
        ("1999 жылғы 6 мамыр", F.BIRTH_DATE),
        ("lives at ulitsa Obraztsovaya 15", F.ADDRESS),
        ("УЛИЦА ОБРАЗЦОВАЯ", F.ADDRESS),
        ("The centre is in Примерный; a street, улица, room 15", None),
        ("06051999", F.BIRTH_DATE),
        ("Since 1999; call after 6 on 5 days, 26 kilometres from the centre", None),
        ("On 2026-12-06 at 5", None),
        ("A room for two, near a school", None),
        ("Тест на беременность не нужен; 2 детей, 7 и 9 лет", None),
        ("", None),
    ],
)
def test_what_is_recorded_of_the_person_is_found_in_a_note(note: str, field: F | None) -> None:
    assert named_in(note, PERSON) is field


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        ("Джамиля Примерова", "Jamila"),
        ("Jamila Primerova", "для Джамили"),
        ("Холида Примерова", "Xolida"),
        ("Gulnara Primerova", "Гульнары"),
        ("Ғани Примеров", "Gani"),
        ("Мухаммад Примеров", "Muhamad"),
    ],
)
def test_a_name_is_known_in_the_other_script(recorded: str, written: str) -> None:
    assert named_in(f"ask for {written} please", {F.FULL_NAME: recorded}) is F.FULL_NAME


def test_who_is_not_recorded_cannot_be_named() -> None:
    assert named_in("Anybody at all, 8 700 000 01 23", {}) is None
    assert named_in("Ли и Ан", {F.FULL_NAME: "Ли Ан", F.PHONE: "112"}) is None
