"""Anonymous, then wrong agency, then wrong role, then right."""

from collections.abc import Sequence

import pytest

from tests.integration.referrals.nodes import KAMQOR, NAJOT, SAPAR, Journey, case_body, random_id

VERBS = {
    "send": {},
    "give_information": {"answer": "yes"},
    "withdraw": {"reason": "sent_in_error"},
    "withdraw_consent": {},
    "acknowledge": {},
    "request_information": {"question": "why?"},
    "accept": {},
    "decline": {"reason": "no_capacity"},
    "redirect": {"to_agency": "uz.mehr-demo"},
    "start_service": {},
    "record_service": {"result": "delivered"},
    "close": {"outcome": "need_met"},
}
NOBODY = ("agency_admin", "national_coordinator", "platform_operator")


def every_request(journey: Journey) -> Sequence[tuple[str, str, object]]:
    return [
        ("POST", "cases", case_body({"full_name": "x"})),
        ("GET", "cases", None),
        ("GET", f"cases/{journey.case_id}", None),
        ("GET", f"cases/{journey.case_id}/beneficiary", None),
        ("GET", f"consent_grants/{journey.consent_grant_id}", None),
        ("POST", f"consent_grants/{journey.consent_grant_id}/withdraw", {}),
        ("GET", "referrals", None),
        ("GET", f"referrals/{journey.referral_id}", None),
        ("GET", f"referrals/{journey.referral_id}/timeline", None),
        ("GET", f"referrals/{journey.referral_id}/identity", None),
        ("GET", "notices", None),
        *(("POST", f"referrals/{journey.referral_id}/{verb}", body) for verb, body in VERBS.items()),
    ]


async def test_anonymous_and_forged_are_refused_everywhere(journey: Journey) -> None:
    await journey.sent()

    for method, path, body in every_request(journey):
        anonymous = await journey.kz.api.request(method, f"/v1/{path}", json=body)
        forged = await journey.kz.call(method, path, SAPAR, body, role="forged")
        assert (anonymous.status_code, forged.status_code) == (401, 401), path


async def test_another_agencys_id_answers_like_an_id_that_does_not_exist(journey: Journey) -> None:
    await journey.accepted()
    nothing = random_id()
    ids = (journey.case_id, journey.consent_grant_id, journey.referral_id)

    for method, path, body in every_request(journey):
        mine = next((one for one in ids if one in path), None)
        if mine is None:
            continue
        theirs = await journey.kz.call(method, path, KAMQOR, body)
        none = await journey.kz.call(method, path.replace(mine, nothing), KAMQOR, body)
        assert theirs.status_code == none.status_code == 404, path
        assert theirs.json() == none.json(), path
        assert theirs.json()["code"] == "not_found"


async def test_roles_that_do_not_act_are_refused_everywhere(journey: Journey) -> None:
    await journey.sent()

    for role in (*NOBODY, "data_protection_officer"):
        for method, path, body in every_request(journey):
            answer = await journey.kz.call(method, path, SAPAR, body, role=role)
            assert answer.status_code == 403, (role, path)
            assert answer.json()["code"] == "role_missing"


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "integration"])
async def test_those_who_act_may(journey: Journey, role: str) -> None:
    await journey.sent()

    answer = await journey.uz.call("POST", f"referrals/{journey.referral_id}/acknowledge", NAJOT, {}, role=role)

    assert answer.status_code == 200
    timeline = await journey.uz.get(f"referrals/{journey.referral_id}/timeline", NAJOT)
    assert timeline["entries"][1]["actor_role"] == role


async def test_only_the_data_protection_officer_reads_the_audit_and_only_their_own(journey: Journey) -> None:
    await journey.sent()
    await journey.kz.get(f"cases/{journey.case_id}/beneficiary?purpose=contact", SAPAR)

    refused = await journey.kz.call("GET", "audit", SAPAR)
    seen = (await journey.kz.get("audit", SAPAR, role="data_protection_officer"))["items"]
    others = (await journey.kz.get("audit", KAMQOR, role="data_protection_officer"))["items"]

    assert refused.status_code == 403
    assert [one["act"] for one in seen] == [
        "read_beneficiary",
        "sent",
        "create_referral",
        "record_consent_grant",
        "create_case",
    ]
    assert (seen[0]["purpose"], seen[0]["subject_id"], seen[0]["principal"]) == ("contact", journey.case_id, "s-staff")
    assert others == []


async def test_only_the_data_protection_officer_erases(journey: Journey) -> None:
    await journey.open_case()

    refused = await journey.kz.call("POST", f"cases/{journey.case_id}/erase_beneficiary", SAPAR, {})

    assert refused.status_code == 403
