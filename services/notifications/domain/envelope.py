"""Sealed envelopes (security.md §5): a signature that names its recipient, inside HPKE that is bound to its header.

On the wire: length of the header (4 bytes), the header (JSON), the ciphertext. The plaintext is a frame of
a compact JWS over the claims, and the body whose SHA-256 the claims carry.
"""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.chassis.keys import HYBRID_SUITE, PrivateKeys, PublicKeys, b64
from services.notifications.domain.errors import EnvelopeRefusedError, KeyNotYetKnownError
from services.notifications.domain.frame import pack, unpack

SUITES: Mapping[str, Suite] = {HYBRID_SUITE: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)}
"""The closed list. A suite that is not here is refused, so nobody can talk a node down to a weaker one."""

LIFETIME = timedelta(days=7)
SKEW = timedelta(minutes=10)
EVENT_SCHEMA = "cloudevent.v1"
RECEIPT_SCHEMA = "receipt.v1"

_ALGORITHM = "Ed25519"
_LENGTH = struct.Struct(">I")
_HEADER_LIMIT = 1024
_MLKEM768_BYTES = 1184
_ED25519_BYTES = 32
_VERSIONS = range(1, 1_000_000)
_AGENCY = re.compile(r"(kz|kg|tj|tm|uz|region)\.[a-z0-9][a-z0-9-]{0,62}\Z")


@dataclass(frozen=True)
class Letter:
    """What is to be sealed: from one agency (or node) for one other."""

    envelope_id: UUID
    sender: str
    recipient: str
    schema: str
    body: bytes


@dataclass(frozen=True)
class Header:
    """What everyone on the way can read: ids, never content. `kid` is `<recipient>#<key version>`."""

    envelope_id: UUID
    sender: str
    recipient: str
    kid: str
    suite: str
    expires: int


@dataclass(frozen=True)
class Sealed:
    """An envelope ready for the wire; `digest` is the SHA-256 of exactly these bytes."""

    envelope_id: UUID
    data: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Opened:
    """A verified letter."""

    header: Header
    schema: str
    body: bytes


def seal(letter: Letter, sender: PrivateKeys, recipient: PublicKeys, now: datetime) -> Sealed:
    """Sign for this recipient alone, then encrypt; raises TooLargeError."""
    expires = int((now + LIFETIME).timestamp())
    claims = {
        "iss": letter.sender,
        "aud": thumbprint(recipient),
        "to": letter.recipient,
        "id": str(letter.envelope_id),
        "iat": int(now.timestamp()),
        "exp": expires,
        "schema": letter.schema,
        "sha256": hashlib.sha256(letter.body).hexdigest(),
    }
    protected = {"alg": _ALGORITHM, "kid": f"{letter.sender}#{sender.version}"}
    token = jws.serialize_compact(protected, _json(claims), _signing_key(sender), algorithms=[_ALGORITHM])
    header = _json(
        {
            "v": 1,
            "suite": recipient.suite,
            "kid": f"{letter.recipient}#{recipient.version}",
            "id": str(letter.envelope_id),
            "from": letter.sender,
            "to": letter.recipient,
            "exp": expires,
        }
    )
    frame = pack(token.encode(), letter.body)
    ciphertext = _suite(recipient.suite).encrypt(frame, _sealing_key(recipient), info=_info(header))
    return Sealed(letter.envelope_id, _LENGTH.pack(len(header)) + header + ciphertext)


def read_header(data: bytes) -> Header:
    """The header alone, unverified; raises EnvelopeRefusedError."""
    return _split(data)[0]


def open_envelope(data: bytes, recipient: PrivateKeys, known: Mapping[int, PublicKeys], at: datetime) -> Opened:
    """Decrypt with the recipient's key and verify with the sending agency's `known` keys, by version.

    `at` is when the envelope arrived: an envelope that waited here does not expire here.

    Raises:
        EnvelopeRefusedError: it was changed, redirected, misaddressed or has expired.
        KeyNotYetKnownError: the signing key is not known yet.
    """
    header, header_bytes, ciphertext = _split(data)
    if header.kid != f"{header.recipient}#{recipient.version}" or recipient.agency_id != header.recipient:
        raise EnvelopeRefusedError("recipient_key_unknown")
    key = MLKEM768X25519PrivateKey(recipient.seal_mlkem, recipient.seal_x25519)
    try:
        frame = _suite(header.suite).decrypt(ciphertext, key, info=_info(header_bytes))
    except (InvalidTag, ValueError):
        raise EnvelopeRefusedError("cannot_open") from None
    token, body = unpack(frame)
    claims = _verified_claims(token, header, known)
    _require_claims(claims, header, recipient.public(), at)
    if claims["sha256"] != hashlib.sha256(body).hexdigest():
        raise EnvelopeRefusedError("digest_mismatch")
    return Opened(header, claims["schema"], body)


def thumbprint(recipient: PublicKeys) -> str:
    """Names one seal key in a signature, so that a letter for one recipient is worthless to any other."""
    return b64(hashlib.sha256(recipient.suite.encode() + b"|" + recipient.seal_public).digest())


def is_usable(key: PublicKeys) -> bool:
    """Whether this node could verify with it and seal for it."""
    try:
        _suite(key.suite)
        _sealing_key(key)
        return len(key.sign_public) == _ED25519_BYTES
    except (EnvelopeRefusedError, ValueError):
        return False


def _verified_claims(token: bytes, header: Header, known: Mapping[int, PublicKeys]) -> dict[str, Any]:
    version = _signer_version(token, header.sender)
    if version not in known:
        raise KeyNotYetKnownError(f"{header.sender}#{version}")
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64(known[version].sign_public)})
    try:
        claims = json.loads(jws.deserialize_compact(token, key, algorithms=[_ALGORITHM]).payload)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise EnvelopeRefusedError("signature_invalid") from None
    if not isinstance(claims, dict):
        raise EnvelopeRefusedError("claims_invalid")
    return claims


def _signer_version(token: bytes, sender: str) -> int:
    try:
        part = token.split(b".", 1)[0]
        protected = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
        agency, _, version = protected["kid"].rpartition("#")
        number = int(version)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise EnvelopeRefusedError("signature_invalid") from None
    if agency != sender or protected.get("alg") != _ALGORITHM or number not in _VERSIONS:
        raise EnvelopeRefusedError("signature_invalid")
    return number


def _require_claims(claims: dict[str, Any], header: Header, own: PublicKeys, at: datetime) -> None:
    named = (claims.get("iss"), claims.get("to"), claims.get("id"), claims.get("exp"))
    if named != (header.sender, header.recipient, str(header.envelope_id), header.expires):
        raise EnvelopeRefusedError("header_mismatch")
    if claims.get("aud") != thumbprint(own):
        raise EnvelopeRefusedError("recipient_mismatch")
    issued, expires = claims.get("iat"), header.expires
    if type(issued) is not int or not 0 < expires - issued <= LIFETIME.total_seconds():
        raise EnvelopeRefusedError("claims_invalid")
    if at.timestamp() >= expires:
        raise EnvelopeRefusedError("expired")
    if issued > (at + SKEW).timestamp():
        raise EnvelopeRefusedError("from_the_future")
    if claims.get("schema") not in (EVENT_SCHEMA, RECEIPT_SCHEMA) or not isinstance(claims.get("sha256"), str):
        raise EnvelopeRefusedError("schema_unknown")


def _split(data: bytes) -> tuple[Header, bytes, bytes]:
    try:
        length = _LENGTH.unpack_from(data)[0]
        header_bytes = data[_LENGTH.size : _LENGTH.size + length]
        if length > _HEADER_LIMIT or len(header_bytes) != length:
            raise EnvelopeRefusedError("malformed")
        return _header(json.loads(header_bytes)), header_bytes, data[_LENGTH.size + length :]
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise EnvelopeRefusedError("malformed") from None


def _header(value: dict[str, Any]) -> Header:
    if value["v"] != 1:
        raise EnvelopeRefusedError("version_unknown")
    if value["suite"] not in SUITES:
        raise EnvelopeRefusedError("suite_unknown")
    if type(value["exp"]) is not int or set(value) != {"v", "suite", "kid", "id", "from", "to", "exp"}:
        raise EnvelopeRefusedError("malformed")
    texts = [value[name] for name in ("from", "to", "kid", "suite")]
    if not (_AGENCY.match(value["from"]) and _AGENCY.match(value["to"])):
        raise EnvelopeRefusedError("malformed")
    sender, recipient, kid, suite = texts
    return Header(UUID(value["id"]), sender, recipient, kid, suite, value["exp"])


def _suite(name: str) -> Suite:
    if name not in SUITES:
        raise EnvelopeRefusedError("suite_unknown")
    return SUITES[name]


def _signing_key(sender: PrivateKeys) -> OKPKey:
    private = sender.sign_private
    public = b64(private.public_key().public_bytes_raw())
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public, "d": b64(private.private_bytes_raw())})


def _sealing_key(recipient: PublicKeys) -> MLKEM768X25519PublicKey:
    raw = recipient.seal_public
    mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM768_BYTES])
    return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(raw[_MLKEM768_BYTES:]))


def _info(header: bytes) -> bytes:
    return hashlib.sha256(header).digest()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
