"""Whether a text that goes before acceptance names the person: what is recorded of them is known here."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise, permutations

from anyascii import anyascii

from contracts.terms import IdentityField

_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM = 5
"""Letters of a name from which on its ending may differ: names are inflected."""
_DIGITS = 6
_GAP = re.compile(r"\W*(?:[^\W\d_]+\W*)?")
"""What may stand between the numbers of a date: nothing, or one word in whatever language."""
_SPELLINGS = (
    (r"['`ʼ’]", ""),
    ("dzh|dj|zh", "j"),
    ("kh|x", "h"),
    ("gh", "g"),
    ("q", "k"),
    ("w", "v"),
    ("y", "i"),
    ("i([aeiou])", r"\1"),
    (r"(\D)\1", r"\1"),
)
"""What differs between ways of writing one name in Latin letters: Джамиля is Dzhamilya, Jamilya and Jamila."""


def named_in(text: str, identity: Mapping[IdentityField, str]) -> IdentityField | None:
    """The first recorded field that the text gives away: name, phone or document number, birth date, address."""
    if _says_name(text, identity.get(IdentityField.FULL_NAME, "")):
        return IdentityField.FULL_NAME
    for field, unwanted in ((IdentityField.PHONE, r"\D"), (IdentityField.IDENTITY_DOCUMENT, r"[\W_]")):
        number = re.sub(unwanted, "", identity.get(field, "").casefold())[-9:]
        if len(number) >= _DIGITS and number in re.sub(unwanted, "", text.casefold()):
            return field
    born = identity.get(IdentityField.BIRTH_DATE)
    if born and _says_date(text, date.fromisoformat(born)):
        return IdentityField.BIRTH_DATE
    return IdentityField.ADDRESS if _says_address(text, identity.get(IdentityField.ADDRESS, "")) else None


def _says_name(text: str, name: str) -> bool:
    words = _words(text)
    for part in _words(name):
        begin = part[:-1] if len(part) >= _STEM else None
        if part in words or (begin and any(word.startswith(begin) for word in words)):
            return True
    return False


def _says_address(text: str, address: str) -> bool:
    """Two of its words in a row: a street with its number, a house in its village; a town alone names nobody."""
    said, recorded = (re.findall(r"[^\W_]+", _spelt(one)) for one in (text, address))
    return not set(pairwise(said)).isdisjoint(pairwise(recorded))


def _words(text: str) -> list[str]:
    """As if all had been written in Latin letters, and in one way."""
    return [_spelt(word) for word in _WORD.findall(text)]


def _spelt(word: str) -> str:
    spelt = anyascii(word).casefold()
    for pattern, one in _SPELLINGS:
        spelt = re.sub(pattern, one, spelt)
    return spelt


def _says_date(text: str, born: date) -> bool:
    found = list(re.finditer(r"\d{1,8}", text))
    numbers = [int(one.group()) for one in found]
    near = [bool(_GAP.fullmatch(text, one.end(), other.start())) for one, other in pairwise(found)]
    if not {int(f"{born:%Y%m%d}"), int(f"{born:%d%m%Y}")}.isdisjoint(numbers):
        return True
    orders = {order for y in (born.year, born.year % 100) for order in permutations((y, born.month, born.day))}
    orders |= {(born.year, born.day), (born.day, born.year)}
    return any(
        tuple(numbers[start : start + length]) in orders and all(near[start : start + length - 1])
        for length in (2, 3)
        for start in range(len(numbers) - length + 1)
    )
