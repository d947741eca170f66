"""Builders: keys, letters and events of invented agencies."""

from datetime import UTC, datetime
from functools import cache
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contracts.envelope import CloudEvent
from services.chassis.keys import PrivateKeys
from services.notifications.domain.envelope import EVENT_SCHEMA, Letter, Opened, Sealed, open_envelope, seal

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SAPAR = "kz.sapar-demo"
NAJOT = "uz.najot-demo"
MEHR = "uz.mehr-demo"


def keys_of(agency_id: str, version: int = 1) -> PrivateKeys:
    return _made(agency_id, version)


@cache
def _made(agency_id: str, version: int) -> PrivateKeys:
    return PrivateKeys(
        agency_id,
        version,
        Ed25519PrivateKey.generate(),
        MLKEM768PrivateKey.generate(),
        X25519PrivateKey.generate(),
    )


def a_letter(sender: str = SAPAR, recipient: str = NAJOT, body: bytes = b'{"a":1}', envelope_id: UUID | None = None):
    return Letter(envelope_id or uuid4(), sender, recipient, EVENT_SCHEMA, body)


def sealed(letter: Letter, now: datetime = NOW) -> Sealed:
    return seal(letter, keys_of(letter.sender), keys_of(letter.recipient).public(), now)


def opened(data: bytes, recipient: str = NAJOT, sender: str = SAPAR, at: datetime = NOW) -> Opened:
    return open_envelope(data, keys_of(recipient), {1: keys_of(sender).public()}, at)


def an_event(**changes: object) -> CloudEvent:
    values: dict[str, object] = {
        "id": uuid4(),
        "source": "/kz/referrals",
        "type": "referral.acknowledged.v1",
        "subject": "0193",
        "time": NOW,
        "lane": "addressed:0193",
        "sequence": 1,
        "sender": SAPAR,
        "recipient": NAJOT,
        "data": {},
    }
    return CloudEvent.model_validate(values | changes)
