"""Whether a text that goes before acceptance names the person: what is recorded of them is known here."""

import re
from collections.abc import Mapping

from contracts.terms import IdentityField

_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM = 5
"""Letters of a name from which on its ending may differ: names are inflected."""
_DIGITS = 6


def named_in(text: str, identity: Mapping[IdentityField, str]) -> IdentityField | None:
    """The first recorded field that the text gives away: a name, a phone number, a document's number."""
    said = text.casefold()
    words = _WORD.findall(said)
    for name in _WORD.findall(identity.get(IdentityField.FULL_NAME, "").casefold()):
        begin = name[:-1] if len(name) >= _STEM else None
        if name in words or (begin and any(word.startswith(begin) for word in words)):
            return IdentityField.FULL_NAME
    for field, unwanted in ((IdentityField.PHONE, r"\D"), (IdentityField.IDENTITY_DOCUMENT, r"[\W_]")):
        number = re.sub(unwanted, "", identity.get(field, "").casefold())[-9:]
        if len(number) >= _DIGITS and number in re.sub(unwanted, "", said):
            return field
    return None
