"""Whether a text that goes before acceptance names the person: what is recorded of them is known here.

It catches what is written without thinking, in any script or case; not who means to hide a name in a text.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import pairwise

from anyascii import anyascii

from contracts.districts import DISTRICTS
from contracts.terms import IdentityField

_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBER = re.compile(r"\d(?:[\s().-]*\d)*")
_DIGITS, _LOCAL = 6, 7
"""The fewest digits that are a number of somebody's, and how many of its last ones are enough."""
_SHORT, _LONG = 3, 7
_ENDING = 3
"""Letters that a word may have after the stem of a name: names are inflected."""
_CASE = re.compile(r"([ldt][aeo]r)?i?([ndt][aeiou]ng?|[dtn][aeo]n|[gkdt][aeo]|n[aeiou]|[mbp]en|bilan)")
"""Turkic endings, longer than the others: Айнуранын, Shahnozaning, Хуршидадан."""
_NEAR = 20
_YEAR, _PERSONAL = 4, 12
_OWN_LETTERS = str.maketrans({"ş": "sh", "ç": "ch", "ý": "y", "ž": "j"})
_SPELLINGS = (
    ("dzh|dj|zh", "j"),
    ("kh|x", "h"),
    ("gh", "g"),
    ("q", "k"),
    ("w", "v"),
    ("y([aeiou])", r"\1"),
    ("y", "i"),
)
"""What differs between ways of writing one name in Latin letters: Джамиля is Dzhamilya, Jamilya and Jamila."""
_SAYING_WHOSE = {"kizi", "ulu", "uulu", "ogli", "oglu", "ugli"}
_OF_ANY_ADDRESS = {"ulitsa", "street", "house", "city", "oblast", "region", "district", "raion", "gorod", "kvartira"}


def named_in(text: str, identity: Mapping[IdentityField, str]) -> IdentityField | None:
    """The first recorded field that the text gives away: name, phone or document number, birth date, address."""
    said = _plain(text)
    recorded = {field: _plain(value) for field, value in identity.items()}
    if any(_is_form_of(word, name) for name in _names(recorded) for word in _words(said)):
        return IdentityField.FULL_NAME
    for field in (IdentityField.PHONE, IdentityField.IDENTITY_DOCUMENT):
        own = [number[-_LOCAL:] for number in _numbers(recorded.get(field, ""))]
        if any(number in other for number in own for other in _numbers(said)):
            return field
    born = identity.get(IdentityField.BIRTH_DATE)
    if born and _says_date(said, date.fromisoformat(born)):
        return IdentityField.BIRTH_DATE
    return IdentityField.ADDRESS if _says_address(said, recorded.get(IdentityField.ADDRESS, "")) else None


def _plain(text: str) -> str:
    """In small Latin letters and digits, without marks that are not seen or stand within words."""
    text = re.sub("[oOОо][ʻ‘'`’]", "u", text)  # Uzbek Oʻ is Ў
    seen = "".join(one for one in text.casefold() if unicodedata.category(one) != "Cf")
    return re.sub(r"['`ʼ’ʻ‘]", "", anyascii(re.sub(r"['`ʼ’ʻ‘]", "", seen).translate(_OWN_LETTERS))).lower()


def _names(recorded: Mapping[IdentityField, str]) -> list[str]:
    return [one for one in _words(recorded.get(IdentityField.FULL_NAME, "")) if one not in _SAYING_WHOSE]


@cache
def _towns() -> frozenset[str]:
    """Words of regions and cities: a town beside a number is no address."""
    names = (name for one in DISTRICTS for name in (one.en, one.ru, *one.also))
    return frozenset(word for name in names for word in _words(_plain(name)))


def _words(plain: str) -> list[str]:
    return [_spelt(word) for word in _WORD.findall(plain)]


def _spelt(word: str) -> str:
    for pattern, one in _SPELLINGS:
        word = re.sub(pattern, one, word)
    return word


def _is_form_of(word: str, name: str) -> bool:
    if _has_stem(word, name):
        return True
    once = [re.sub(r"([^aeiou])\1", r"\1", one) for one in (word, name)]  # Muhammad and Muhamad, but not Anna and Ana
    return min(len(word), len(name)) >= _LONG and _has_stem(*once)


def _has_stem(word: str, name: str) -> bool:
    if len(name) <= _SHORT:
        return word == name
    stem = re.sub("(aa|[aeiou])$", "", name)
    if word.startswith(stem) and len(word) <= len(stem) + _ENDING:
        return True
    return word.startswith(name) and _CASE.fullmatch(word, len(name)) is not None


def _numbers(plain: str) -> Iterator[str]:
    """Of phones and documents, however they are grouped."""
    for found in _NUMBER.finditer(plain):
        digits = re.sub(r"\D", "", found.group())
        if len(digits) >= _DIGITS:
            yield digits


def _says_date(plain: str, born: date) -> bool:
    orders = ("%d%m%Y", "%Y%m%d", "%m%d%Y", "%y%m%d", "%d%m%y")
    runs = re.findall(r"\d+", plain)
    if any(run == f"{born:{order}}" for run in runs for order in orders) or _begins_a_personal_number(runs, born):
        return True
    parts = (rf"0?{born.day}", rf"0?{born.month}", f"{born:%y}")
    if any(re.search(rf"\b{a}(?P<mark>[./-]){b}(?P=mark){c}\b", plain) for a, b, c in (parts, parts[::-1])):
        return True
    found = [one for one in re.finditer(r"\d+", plain) if len(one.group()) <= _YEAR]
    for one, other in pairwise(found):
        apart = plain[one.end() : other.start()]
        if {int(one.group()), int(other.group())} == {born.year, born.day} and _is_near(apart):
            return True
    longer = zip(found, found[1:], found[2:], strict=False)
    return any(
        (born.year in values and sorted(values) == sorted((born.year, born.month, born.day)))
        and _is_near(plain[three[0].end() : three[2].start()])
        for three in longer
        for values in [tuple(int(one.group()) for one in three)]
    )


def _begins_a_personal_number(runs: list[str], born: date) -> bool:
    """The personal number of Kazakhstan begins with the birth date."""
    return any(len(run) == _PERSONAL and run.startswith(f"{born:%y%m%d}") for run in runs)


def _is_near(apart: str) -> bool:
    return len(apart) <= _NEAR and not re.search(r"[;\n]", apart)


def _says_address(plain: str, address: str) -> bool:
    """A word of it with its house number: a town or a street alone names nobody."""
    words = [word for word in _words(address) if len(word) > _SHORT and word not in _OF_ANY_ADDRESS | _towns()]
    numbers = set(re.findall(r"\d+", address))
    said = [(found.start(), found.end(), _spelt(found.group())) for found in re.finditer(r"[^\W_]+", plain)]
    named = [(begin, end) for begin, end, word in said if any(_is_form_of(word, own) for own in words)]
    return any(
        begin - _NEAR <= end_of <= end + _NEAR
        for _, end_of, number in said
        if number in numbers
        for begin, end in named
    )
