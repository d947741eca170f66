"""Names are nowhere in the clear, and a destroyed key leaves nothing to read."""

from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag

from contracts.terms import IdentityField
from services.chassis.database import Context
from tests.integration.referrals.nodes import NAJOT, SAPAR, Journey, TestNode

CANARY = "Kanareika"


async def dump(node: TestNode) -> bytes:
    """Every value of every table, as superuser."""
    tables = await node.admin("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'safar')")
    found = []
    for table in tables:
        rows = await node.admin(f'SELECT * FROM {table["schemaname"]}."{table["tablename"]}"')
        found += [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row.values()]
    return b"\n".join(found)


async def test_a_canary_name_is_found_nowhere_in_the_databases(journey: Journey) -> None:
    await journey.open_case(full_name=f"{CANARY} Primerova", phone=CANARY, address=CANARY, circumstances=CANARY)
    await (await journey.consent()).draft(note=f"For x{CANARY}")
    await journey.here("send")
    await journey.border.carry()
    await journey.there("acknowledge")
    await journey.there("request_information", {"question": f"Is {CANARY} well?"})
    await journey.border.carry()
    await journey.here("give_information", {"answer": f"x{CANARY} is well"})
    await journey.border.carry()
    await journey.there("accept", {"note": f"{CANARY} is welcome"})
    await journey.border.carry()

    identity = await journey.uz.get(f"referrals/{journey.referral_id}/identity", NAJOT)

    assert CANARY in identity["identity"]["full_name"]
    for node in (journey.kz, journey.uz):
        everything = await dump(node)
        assert b"forced_labour" in everything
        assert CANARY.encode() not in everything
        assert CANARY.encode("utf-16-le") not in everything


async def test_after_erasure_nothing_of_the_person_can_be_read(journey: Journey) -> None:
    await (await journey.open_case()).draft(note="For her")
    before = await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR)

    await journey.kz.post(f"cases/{journey.case_id}/erase_beneficiary", SAPAR, {}, role="data_protection_officer")

    answer = await journey.kz.call("GET", f"cases/{journey.case_id}/beneficiary", SAPAR)
    after = await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR)
    case = await journey.kz.get(f"cases/{journey.case_id}", SAPAR)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_erased")
    assert (before["note"], after["note"]) == ("For her", None)
    assert after["identity"]["state"] == "erased"
    assert (case["erased"], case["identity_fields"]) == (True, [])


async def test_erasure_reaches_the_receiving_agency_of_a_running_referral(journey: Journey) -> None:
    await journey.accepted()
    read = f"referrals/{journey.referral_id}/identity?purpose=contact"
    before = await journey.uz.call("GET", read, NAJOT)

    await journey.kz.post(f"cases/{journey.case_id}/erase_beneficiary", SAPAR, {}, role="data_protection_officer")
    await journey.border.carry()

    after = await journey.uz.call("GET", read, NAJOT)
    case = await journey.kz.get(f"cases/{journey.case_id}", SAPAR)
    assert before.status_code == 200
    assert (after.status_code, after.json()["code"]) == (409, "access_closed")
    assert CANARY.encode() not in await dump(journey.uz)
    assert case["referrals"][0]["status"] == "consent_withdrawn"
    assert [one["status"] for one in case["consent_grants"]] == ["withdrawn"]


async def test_an_older_copy_of_the_rows_stays_unreadable_after_erasure(journey: Journey) -> None:
    await journey.open_case()
    backup = await journey.kz.admin("SELECT * FROM identity_field")
    await journey.kz.post(f"cases/{journey.case_id}/erase_beneficiary", SAPAR, {}, role="data_protection_officer")

    for row in backup:
        await journey.kz.admin("INSERT INTO identity_field VALUES ($1, $2, $3, $4)", *row.values())
    await journey.kz.admin("UPDATE case_file SET erased_at = NULL")

    answer = await journey.kz.call("GET", f"cases/{journey.case_id}/beneficiary", SAPAR)
    assert answer.json()["code"] == "identity_erased"


@pytest.mark.parametrize("moved", ["person", "column"])
async def test_a_ciphertext_moved_elsewhere_does_not_open(journey: Journey, moved: str) -> None:
    await journey.open_case(full_name="One", phone="1")
    first = journey.case_id
    await journey.open_case(full_name="Two", phone="2")
    source, target = ((first, "full_name"), (journey.case_id, "full_name"))
    if moved == "column":
        source = (journey.case_id, "phone")

    await journey.kz.admin(
        "UPDATE identity_field t SET ciphertext = s.ciphertext FROM identity_field s "
        "WHERE s.person_id = $1 AND s.field = $2 AND t.person_id = $3 AND t.field = $4",
        UUID(source[0]),
        source[1],
        UUID(target[0]),
        target[1],
    )

    desk: Any
    async with journey.kz.units.begin(Context(SAPAR, "test")) as work:
        desk = journey.kz.office.desk_of(work, SAPAR)
        with pytest.raises(InvalidTag):
            await desk.people.read(UUID(target[0]), [IdentityField.FULL_NAME])


async def test_reading_an_identity_leaves_its_trace_or_does_not_happen(journey: Journey) -> None:
    await journey.accepted()

    await journey.uz.get(f"referrals/{journey.referral_id}/identity?purpose=contact", NAJOT)

    audit = (await journey.uz.get("audit", NAJOT, role="data_protection_officer"))["items"]
    assert (audit[0]["act"], audit[0]["purpose"]) == ("read_identity", "contact")


async def test_consent_withdrawn_closes_access_at_once_and_is_confirmed(journey: Journey) -> None:
    await journey.accepted()

    answer = await journey.kz.post(f"consent_grants/{journey.consent_grant_id}/withdraw", SAPAR, {})
    waiting = await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR)
    await journey.border.carry()

    refused = await journey.uz.call("GET", f"referrals/{journey.referral_id}/identity", NAJOT)
    confirmed = await journey.kz.get(f"referrals/{journey.referral_id}/timeline", SAPAR)
    rows = await journey.uz.admin("SELECT * FROM identity_field")
    assert answer["referrals"] == [journey.referral_id]
    assert (waiting["next_action"], waiting["move"]) == ("confirm_withdrawal", "theirs")
    assert (refused.status_code, refused.json()["code"]) == (409, "access_closed")
    assert rows == []
    assert [one["act"] for one in confirmed["entries"]][-2:] == ["consent_withdrawn", "consent_withdrawal_acknowledged"]
    assert confirmed["expected_next"] is None
    assert await journey.both() == ("consent_withdrawn", "consent_withdrawn")


async def test_the_beneficiary_may_change_their_mind_at_the_receiving_agency_too(journey: Journey) -> None:
    await journey.accepted()

    await journey.there("withdraw_consent")
    refused = await journey.uz.call("GET", f"referrals/{journey.referral_id}/identity", NAJOT)
    await journey.border.carry()

    grant = await journey.kz.get(f"consent_grants/{journey.consent_grant_id}", SAPAR)
    here, there = await journey.heads()
    assert refused.json()["code"] == "access_closed"
    assert grant["status"] == "withdrawn"
    assert await journey.both() == ("consent_withdrawn", "consent_withdrawn")
    assert here == there
