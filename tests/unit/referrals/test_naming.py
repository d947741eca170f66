"""A note that names the person is seen, and an ordinary one is let through."""

import pytest

from contracts.terms import IdentityField as F
from services.referrals.domain.naming import named_in

PERSON = {F.FULL_NAME: "Вымышлена Тестова", F.PHONE: "+7 (700) 000-01-23", F.IDENTITY_DOCUMENT: "N 0012 3456"}


@pytest.mark.parametrize(
    ("note", "field"),
    [
        ("Call Вымышлена in the evening", F.FULL_NAME),
        ("Позвоните ТЕСТОВОЙ вечером", F.FULL_NAME),
        ("8 700 000 01 23, after six", F.PHONE),
        ("passport N00123456", F.IDENTITY_DOCUMENT),
        ("A room for two, near a school", None),
        ("Тест на беременность не нужен; 2 детей, 7 и 9 лет", None),
        ("", None),
    ],
)
def test_what_is_recorded_of_the_person_is_found_in_a_note(note: str, field: F | None) -> None:
    assert named_in(note, PERSON) is field


def test_who_is_not_recorded_cannot_be_named() -> None:
    assert named_in("Anybody at all, 8 700 000 01 23", {}) is None
    assert named_in("Ли и Ан", {F.FULL_NAME: "Ли Ан", F.PHONE: "112"}) is None
