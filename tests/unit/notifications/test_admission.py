"""Who may say what across the border."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

import contracts.events  # noqa: F401  (fills the registry)
from contracts.envelope import CloudEvent
from contracts.terms import AgeBand, IdentityField, ReferralStatus, Service, Sex
from services.notifications.domain.admission import (
    require_contract,
    require_event,
    require_origin,
    require_receipt,
)
from services.notifications.domain.envelope import Header
from services.notifications.domain.errors import ContractNotYetKnownError, EnvelopeRefusedError
from tests.unit.notifications.letters import MEHR, NAJOT, SAPAR, an_event

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
KEY_EVENT = {"type": "agency_key.published.v1", "source": "/kz/identity", "subject": SAPAR, "recipient": "partners"}


def header(sender: str = SAPAR, recipient: str = NAJOT) -> Header:
    return Header(uuid4(), sender, recipient, f"{recipient}#1", "suite", 1)


def refused(*arguments, rule=require_event) -> str:
    with pytest.raises(EnvelopeRefusedError) as error:
        rule(*arguments)
    return error.value.reason


def test_a_country_speaks_for_its_own_agencies_only() -> None:
    require_origin(header(), "kz", "uz")

    assert refused(header(), "kg", "uz", rule=require_origin) == "origin_forged"
    assert refused(header(), "kz", "tj", rule=require_origin) == "recipient_elsewhere"


def test_an_agency_tells_its_own_referral_events() -> None:
    require_event(header(), an_event())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source": "/uz/referrals"}, "source_forged"),
        ({"source": "/kz/identity"}, "producer_forged"),
        ({"sender": "kz.kamqor-demo"}, "speaks_for_another"),
        ({"recipient": MEHR}, "speaks_for_another"),
        ({"sender": None}, "speaks_for_another"),
        (KEY_EVENT, "speaks_for_another"),
        (KEY_EVENT | {"recipient": NAJOT}, "speaks_for_another"),
    ],
)
def test_an_agency_cannot_speak_for_another(changes: dict[str, object], reason: str) -> None:
    assert refused(header(), an_event(**changes)) == reason


def test_a_node_publishes_its_countrys_keys() -> None:
    require_event(header("kz.node", "uz.node"), an_event(**KEY_EVENT, sender="kz.node"))


@pytest.mark.parametrize(
    ("envelope", "changes", "reason"),
    [
        (header("kz.node", NAJOT), KEY_EVENT, "speaks_for_another"),
        (header("kz.node", "uz.node"), {}, "speaks_for_another"),
        (header("kz.node", "uz.node"), KEY_EVENT | {"sender": "uz.node"}, "speaks_for_another"),
        (header("kz.node", "uz.node"), KEY_EVENT | {"recipient": "tj.node"}, "recipient_mismatch"),
        (header("kz.node", "uz.node"), KEY_EVENT | {"source": "/uz/identity"}, "source_forged"),
    ],
)
def test_a_node_cannot_speak_for_an_agency_or_another_country(
    envelope: Header, changes: dict[str, object], reason: str
) -> None:
    assert refused(envelope, an_event(**changes)) == reason


def test_a_contract_that_is_not_known_yet_waits() -> None:
    with pytest.raises(ContractNotYetKnownError):
        require_event(header(), an_event(type="referral.accepted.v9"))


def acknowledgement() -> dict[str, object]:
    example = json.loads((EXAMPLES / "referral.acknowledged.v1.json").read_text())
    return dict(example["data"])


def test_what_its_contract_allows_is_told() -> None:
    require_contract(an_event(data=acknowledgement()), 4096)


@pytest.mark.parametrize(
    ("changes", "arrived", "reason"),
    [
        ({"data": {}}, 4096, "contract_violated"),
        ({"data": {"numbers": [1e15] * 10_000}}, 960 * 1024, "too_large"),
        ({"data": {"numbers": [1e15] * 1_000}}, 4096, "grows"),
        ({"lane": "node:0193"}, 4096, "audience_mismatch"),
        ({"lane": "inbound:0193"}, 4096, "audience_mismatch"),
        ({"type": "indicator_fact.recorded.v1"}, 4096, "audience_mismatch"),
        ({"type": "receipt.recorded.v1", "source": "/kz/notifications"}, 4096, "audience_mismatch"),
    ],
)
def test_what_its_contract_does_not_allow_is_told_to_nobody(
    changes: dict[str, object], arrived: int, reason: str
) -> None:
    assert refused(an_event(**changes), arrived, rule=require_contract) == reason


def test_every_example_that_a_country_may_tell_another_fits() -> None:
    for path in sorted(EXAMPLES.glob("*.json")):
        event = CloudEvent.model_validate_json(path.read_text())
        if event.lane.startswith("addressed:"):
            require_contract(event, len(path.read_bytes()) + 2048)


def test_the_largest_that_a_contract_allows_fits() -> None:
    example = json.loads((EXAMPLES / "referral.identity_released.v1.json").read_text())
    example["data"]["fields"] = {name.value: "\U0001f600" * 2000 for name in IdentityField}
    counts = json.loads((EXAMPLES / "country_counts.published.v1.json").read_text())
    cell = counts["data"]["cells"][0]
    longest = {
        "origin": "kz", "destination": "uz", "service": max(Service, key=len), "sex": max(Sex, key=len),
        "age_band": max(AgeBand, key=len), "status": max(ReferralStatus, key=len), "count": 10_000_000,
        "acknowledge_hours": [10_000_000] * 12, "decide_hours": [10_000_000] * 12,
    }  # fmt: skip
    counts["data"]["cells"] = [cell | longest] * 500

    for largest in (example, counts):
        require_contract(CloudEvent.model_validate(largest), 960 * 1024)


def test_receipts_are_a_nodes_word() -> None:
    require_receipt(header("kz.node", "uz.node"))

    assert refused(header(SAPAR, "uz.node"), rule=require_receipt) == "speaks_for_another"
