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
        ("на Образцовой, дом 15", F.ADDRESS),
        ("15 Obraztsovaya street", F.ADDRESS),
        ("УЛИЦА ОБРАЗЦОВАЯ, вся", None),
        ("The centre is in Примерный; a street, улица, room 15", None),
        ("06051999", F.BIRTH_DATE),
        ("6th of May 1999", F.BIRTH_DATE),
        ("1999 года рождения, 6 мая", F.BIRTH_DATE),
        ("ИИН 990506400123", F.BIRTH_DATE),
        ("000-01-23", F.PHONE),
        ("٧٠٠ ٠٠٠ ٠١ ٢٣", F.PHONE),
        ("Вы\u200cмышлена", F.FULL_NAME),
        ("комнаты 5, 6 и 99 подходят", None),
        ("Since 1999; call after 6 on 5 days, 26 kilometres from the centre", None),
        ("On 2026-12-06 at 5", None),
        ("1" * 10_000, None),
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
        ("Анна Примерова", "Анну"),
        ("Joʻrayev Oʻtkirbek", "Жўраев"),
        ("Жўраев Ўткирбек", "O'tkirbek"),
        ("Айнура Бекова", "Айнуранын"),
        ("Айнура Бекова", "Бековадан"),
        ("Shahnoza Primerova", "Shahnozaning"),
        ("Xurshida Primerova", "Хуршидадан"),
        ("Әсел Примерова", "Әселдің"),
        ("Жұмабаева Әсел", "Жұмабаеваның"),
        ("Annaýewa Gül", "Annaýewanyň"),
        ("Иван Примеров", "Ивана"),
        ("Алия Примерова", "Алии"),
        ("Gülşat Primerowa", "Гульшат"),
        ("Айша Примерова", "Aýşa"),
    ],
)
def test_a_name_is_known_in_the_other_script(recorded: str, written: str) -> None:
    assert named_in(f"ask for {written} please", {F.FULL_NAME: recorded}) is F.FULL_NAME


def test_who_is_not_recorded_cannot_be_named() -> None:
    assert named_in("Anybody at all, 8 700 000 01 23", {}) is None
    assert named_in("Ли и Ан", {F.FULL_NAME: "Ли Ан", F.PHONE: "112"}) is None


@pytest.mark.parametrize(
    ("recorded", "ordinary"),
    [
        ("Любовь Примерова", "подойдёт любое место"),
        ("Примерова Айгуль Бакыт кызы", "4 жаштагы кызы менен келет"),
        ("Namunayev Olim Karim o'g'li", "6 yoshli o'g'li bilan"),
        ("Жанна Примерова", "баласы жана энеси менен"),
        ("Диана Примерова", "ей дана справка"),
        ("Полина Примерова", "полиция знает"),
        ("Вера Примерова", "на веранде"),
        ("Марта Примерова", "мартовский приём"),
    ],
)
def test_an_ordinary_word_is_no_name(recorded: str, ordinary: str) -> None:
    assert named_in(ordinary, {F.FULL_NAME: recorded}) is None


@pytest.mark.parametrize(
    ("field", "recorded", "ordinary"),
    [
        (F.BIRTH_DATE, "2004-07-02", "детям 2, 4 и 7 лет"),
        (F.BIRTH_DATE, "2005-09-07", "children aged 5, 7 and 9"),
        (F.ADDRESS, "г. Алматы, ул. Образцовая, 15", "приедет в г. Алматы"),
        (F.ADDRESS, "Ташкентская область, Образцово", "подойдёт и Ташкентская область"),
        (F.ADDRESS, "Ташкент, ул. Образцовая, 5", "Ташкент, ул. Вымышленная, 7"),
        (F.ADDRESS, "Алматы, ул. Образцовая, 7", "Алматы, ребёнку 7 лет"),
    ],
)
def test_ages_and_towns_give_nobody_away(field: F, recorded: str, ordinary: str) -> None:
    assert named_in(ordinary, {field: recorded}) is None


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        ("+7 700 000 01 23, +7 701 111 22 33", "8 700 000 01 23"),
        ("+7 700 000 01 23 (сестра 5)", "87000000123"),
        ("+998 90 123 45 67", "90-123-45-67"),
    ],
)
def test_any_of_several_numbers_is_known_however_it_is_grouped(recorded: str, written: str) -> None:
    assert named_in(f"call {written}", {F.PHONE: recorded}) is F.PHONE


@pytest.mark.parametrize("recorded", ["Паспорт N12345678, МВД", "N12345678 до 2030", "№ 1234 5678"])
def test_a_document_is_known_by_its_number(recorded: str) -> None:
    assert named_in("паспорт 12345678", {F.IDENTITY_DOCUMENT: recorded}) is F.IDENTITY_DOCUMENT
