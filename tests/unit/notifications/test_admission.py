"""Who may say what across the border."""

from uuid import uuid4

import pytest

import contracts.events  # noqa: F401  (fills the registry)
from services.notifications.domain.admission import require_event, require_origin, require_receipt
from services.notifications.domain.envelope import Header
from services.notifications.domain.errors import ContractNotYetKnownError, EnvelopeRefusedError
from tests.unit.notifications.letters import MEHR, NAJOT, SAPAR, an_event

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


def test_receipts_are_a_nodes_word() -> None:
    require_receipt(header("kz.node", "uz.node"))

    assert refused(header(SAPAR, "uz.node"), rule=require_receipt) == "speaks_for_another"
