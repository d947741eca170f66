"""What acceptance lets through, with fakes for everything that stores."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from contracts.terms import ConsentGivenBy, CustodyAct, IdentityField, Language, ReferralStatus, Service
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.events import Acted
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Receipt, Referral
from services.referrals.domain.terms import RecordedHow
from services.referrals.usecases.release_identity import release_identity
from tests.unit.referrals.copies import CASE, GRANT, NAJOT, SAPAR, START, draft

KNOWN = {IdentityField.FULL_NAME: "A", IdentityField.PHONE: "B", IdentityField.ADDRESS: "C"}


def grant(**change: Any) -> ConsentGrant:
    told: dict[str, Any] = {
        "id": GRANT,
        "agency": SAPAR,
        "case_id": CASE,
        "receiving_agency": NAJOT,
        "purpose": Service.SHELTER,
        "fields": frozenset({IdentityField.FULL_NAME, IdentityField.PHONE}),
        "withheld": {},
        "valid_until": START + timedelta(days=90),
        "given_by": ConsentGivenBy.BENEFICIARY,
        "explanation_language": Language.UZ,
        "interpreter": False,
        "recorded_how": RecordedHow.SPOKEN,
        "recorded_at": START,
        "recorded_by": "s-1",
    }
    return ConsentGrant(**(told | change))


class FakePeople:
    def __init__(self, known: Mapping[IdentityField, str] | None) -> None:
        self.known = known

    async def read(self, _: UUID, only: Iterable[IdentityField] | None = None) -> Mapping[IdentityField, str] | None:
        wanted = set(only or ())
        return None if self.known is None else {name: text for name, text in self.known.items() if name in wanted}


class FakeConsents:
    def __init__(self, found: ConsentGrant) -> None:
        self.found = found

    async def find(self, _: UUID) -> ConsentGrant:
        return self.found


class FakeDesk:
    def __init__(self, found: ConsentGrant, known: Mapping[IdentityField, str] | None) -> None:
        self.consents = FakeConsents(found)
        self.people = FakePeople(known)
        self.audited: list[str] = []

    def now(self) -> datetime:
        return START + timedelta(hours=1)

    async def audit(self, _: object, act: str, *__: object) -> None:
        self.audited.append(act)


def accepted() -> Referral:
    referral = draft()
    referral.status = ReferralStatus.ACCEPTED
    fields = frozenset({IdentityField.FULL_NAME, IdentityField.PHONE})
    referral.consent = Receipt(GRANT, Service.SHELTER, fields, START + timedelta(days=90))
    return referral


async def test_only_the_consented_fields_go() -> None:
    referral, desk = accepted(), FakeDesk(grant(), KNOWN)

    released = await release_identity(cast("Desk", desk), referral)

    [act] = [event for event in referral.events if isinstance(event, Acted)]
    assert released
    assert act.entry.act is CustodyAct.IDENTITY_RELEASED
    assert act.identity == {IdentityField.FULL_NAME: "A", IdentityField.PHONE: "B"}
    assert desk.audited == ["release_identity"]


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({"withdrawn_at": START}, KNOWN),
        ({"valid_until": START + timedelta(minutes=59)}, KNOWN),
        ({"receiving_agency": "uz.mehr-demo"}, KNOWN),
        ({"purpose": Service.HEALTH}, KNOWN),
        ({"case_id": UUID(int=9)}, KNOWN),
        ({}, None),
    ],
)
async def test_nothing_goes_without_a_consent_that_holds_or_a_person_who_is_known(
    change: dict[str, Any], known: Mapping[IdentityField, str] | None
) -> None:
    referral, desk = accepted(), FakeDesk(grant(**change), known)

    released = await release_identity(cast("Desk", desk), referral)

    assert not released
    assert referral.events == []
    assert desk.audited == []
