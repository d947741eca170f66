"""The chain breaks when anything in it is changed, and both sides fold it to the same head."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import CustodyAct, Role
from services.referrals.domain.custody import GENESIS, Entry, Link, merged, verify, write
from services.referrals.domain.errors import CustodyBrokenError
from tests.unit.referrals.copies import NAJOT, REFERRAL, SAPAR, START


def first() -> Entry:
    return write(REFERRAL, SAPAR, Link(), CustodyAct.SENT, role=Role.CASEWORKER, at=START)


def test_a_chain_continues_from_entry_to_entry() -> None:
    one = first()
    two = write(REFERRAL, SAPAR, one.link, CustodyAct.WITHDRAWN, role=None, at=START)

    verify(one, Link())
    verify(two, one.link)

    assert (one.previous, two.previous) == (GENESIS, one.hash)


@pytest.mark.parametrize(
    "change",
    [
        {"author": NAJOT},
        {"number": 2},
        {"act": CustodyAct.CLOSED},
        {"actor_role": None},
        {"at": START + timedelta(microseconds=1)},
        {"previous": "f" * 64},
        {"hash": "f" * 64},
    ],
)
def test_any_change_breaks_the_chain(change: dict[str, object]) -> None:
    with pytest.raises(CustodyBrokenError):
        verify(replace(first(), **change), Link())  # type: ignore[arg-type]


@given(st.permutations(range(6)))
def test_the_head_does_not_depend_on_the_order_of_arrival(order: list[int]) -> None:
    links = [(START, author, number, f"{author}{number}") for author in (SAPAR, NAJOT) for number in (1, 2, 3)]

    assert merged(links[place] for place in order) == merged(links)


def test_the_same_instant_in_another_zone_is_the_same_entry() -> None:
    from datetime import timezone

    elsewhere = START.astimezone(timezone(timedelta(hours=5)))

    assert write(REFERRAL, SAPAR, Link(), CustodyAct.SENT, role=Role.CASEWORKER, at=elsewhere).hash == first().hash
