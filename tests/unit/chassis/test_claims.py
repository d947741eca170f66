"""Who a token is about."""

import pytest

from services.chassis.claims import InvalidTokenError, subject_of
from tests.unit.identity.issuers import an_issuer


@pytest.mark.parametrize("subject", ["", None, 5, "\ud800", "a\x00b", "a\nb"])
def test_a_subject_that_no_database_could_hold_is_no_subject(subject: object) -> None:
    with pytest.raises(InvalidTokenError):
        subject_of(an_issuer(), {"sub": subject})


def test_a_subject_is_a_name() -> None:
    assert subject_of(an_issuer(), {"sub": "o.primerova"}) == "o.primerova"
