"""ENV-2 and ENV-3 (security.md §5): changed, redirected, misaddressed and expired envelopes are refused."""

import base64
import json
import struct
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.domain.envelope import (
    SUITES,
    is_usable,
    open_envelope,
    read_header,
    seal,
)
from services.notifications.domain.errors import EnvelopeRefusedError, KeyNotYetKnownError, TooLargeError
from services.notifications.domain.frame import SIZE_CLASSES, pack, unpack
from tests.unit.notifications.letters import MEHR, NAJOT, NOW, SAPAR, a_letter, keys_of, opened, sealed

ENVELOPE = sealed(a_letter()).data


def reason_of(data: bytes, **changes) -> str:
    with pytest.raises(EnvelopeRefusedError) as refused:
        opened(data, **changes)
    return refused.value.reason


def with_header(data: bytes, **changes: object) -> bytes:
    length = struct.unpack_from(">I", data)[0]
    header = json.loads(data[4 : 4 + length]) | changes
    altered = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    return struct.pack(">I", len(altered)) + altered + data[4 + length :]


def test_what_was_sealed_is_opened_by_the_agency_it_names() -> None:
    letter = a_letter(body=b'{"code":"KZ-7H3P-26"}')

    found = opened(sealed(letter).data)

    assert found.body == letter.body
    assert found.header.envelope_id == letter.envelope_id
    assert (found.header.sender, found.header.recipient) == (SAPAR, NAJOT)


@settings(max_examples=400, deadline=None)
@given(position=st.integers(0, len(ENVELOPE) - 1), mask=st.integers(1, 255))
def test_no_byte_can_be_flipped(position: int, mask: int) -> None:
    flipped = bytearray(ENVELOPE)
    flipped[position] ^= mask

    with pytest.raises(EnvelopeRefusedError):
        opened(bytes(flipped))


def test_no_byte_of_the_header_can_be_flipped() -> None:
    for position in range(4 + struct.unpack_from(">I", ENVELOPE)[0]):
        flipped = bytearray(ENVELOPE)
        flipped[position] ^= 1

        with pytest.raises(EnvelopeRefusedError):
            opened(bytes(flipped))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(ENVELOPE) - 1))
def test_a_cut_envelope_is_refused(length: int) -> None:
    with pytest.raises(EnvelopeRefusedError):
        opened(ENVELOPE[:length])


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(EnvelopeRefusedError):
        opened(noise)


def test_headers_of_two_envelopes_cannot_be_swapped() -> None:
    one, other = sealed(a_letter()).data, sealed(a_letter()).data
    length = struct.unpack_from(">I", one)[0]
    other_length = struct.unpack_from(">I", other)[0]

    assert reason_of(one[: 4 + length] + other[4 + other_length :]) == "cannot_open"


def test_another_agency_cannot_open_it() -> None:
    readdressed = with_header(ENVELOPE, to=MEHR, kid=f"{MEHR}#1")

    assert reason_of(ENVELOPE, recipient=MEHR) == "recipient_key_unknown"
    assert reason_of(readdressed, recipient=MEHR) == "cannot_open"


def test_a_letter_opened_by_its_recipient_cannot_be_sealed_again_for_another() -> None:
    token, body = _inner(ENVELOPE)

    redirected = _resealed(token, body, MEHR)

    assert reason_of(redirected, recipient=MEHR) == "header_mismatch"


def test_a_letter_that_names_another_key_of_its_recipient_is_refused() -> None:
    stolen = seal(a_letter(), keys_of(SAPAR), keys_of(NAJOT, 2).public(), NOW).data
    token, body = _inner(stolen, 2)

    header = read_header(stolen)

    again = _resealed(token, body, NAJOT, envelope_id=str(header.envelope_id), expires=header.expires)
    assert reason_of(again) == "recipient_mismatch"


def test_a_signature_by_another_key_is_refused() -> None:
    stranger = keys_of("kz.kamqor-demo")
    forged = seal(a_letter(), stranger, keys_of(NAJOT).public(), NOW).data

    assert reason_of(forged) == "signature_invalid"


def test_a_signature_in_another_agencys_name_is_refused() -> None:
    kamqor = "kz.kamqor-demo"
    token, body = _inner(seal(a_letter(kamqor), keys_of(kamqor), keys_of(NAJOT).public(), NOW).data)

    assert reason_of(_resealed(token, body, NAJOT)) == "signature_invalid"


def test_an_unknown_signing_key_makes_it_wait() -> None:
    with pytest.raises(KeyNotYetKnownError) as waits:
        open_envelope(ENVELOPE, keys_of(NAJOT), {}, NOW)

    assert waits.value.waiting_for == f"{SAPAR}#1"


def test_it_expires_by_its_arrival() -> None:
    assert reason_of(ENVELOPE, at=NOW + timedelta(days=7)) == "expired"
    assert opened(ENVELOPE, at=NOW + timedelta(days=6, hours=23)).body


def test_it_cannot_come_from_the_future() -> None:
    assert reason_of(ENVELOPE, at=NOW - timedelta(hours=1)) == "from_the_future"


def test_only_suites_of_the_closed_list_are_opened() -> None:
    assert reason_of(with_header(ENVELOPE, suite="X25519.HKDF-SHA256.AES-128-GCM")) == "suite_unknown"
    assert len(SUITES) == 1


def test_an_agency_id_cannot_name_a_file() -> None:
    assert reason_of(with_header(ENVELOPE, to="uz.../../master")) == "malformed"


def test_a_key_that_could_not_be_used_is_known_before_it_is_needed() -> None:
    public = keys_of(NAJOT).public()

    assert is_usable(public)
    assert not is_usable(type(public)(NAJOT, 1, public.suite, public.sign_public[:31], public.seal_public))
    assert not is_usable(type(public)(NAJOT, 1, public.suite, public.sign_public, public.seal_public[:-1]))
    assert not is_usable(type(public)(NAJOT, 1, "none", public.sign_public, public.seal_public))


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_sizes_say_only_their_class(first: int, second: int) -> None:
    frame = pack(b"a" * first, b"b" * second)

    assert len(frame) in SIZE_CLASSES
    assert unpack(frame) == (b"a" * first, b"b" * second)


def test_what_no_class_holds_is_refused_before_it_is_sent() -> None:
    with pytest.raises(TooLargeError):
        sealed(a_letter(body=b"x" * SIZE_CLASSES[-1]))


def test_padding_that_is_not_zero_is_refused() -> None:
    with pytest.raises(EnvelopeRefusedError):
        unpack(pack(b"a", b"b")[:-1] + b"!")


def test_two_letters_of_different_length_look_alike() -> None:
    short, longer = sealed(a_letter(body=b"{}")).data, sealed(a_letter(body=b"x" * 400)).data

    assert len(short) == len(longer)


def _inner(data: bytes, version: int = 1) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

    from services.notifications.domain.envelope import _info, _split

    header, header_bytes, ciphertext = _split(data)
    keys = keys_of(NAJOT, version)
    key = MLKEM768X25519PrivateKey(keys.seal_mlkem, keys.seal_x25519)
    return unpack(SUITES[header.suite].decrypt(ciphertext, key, info=_info(header_bytes)))


def _resealed(token: bytes, body: bytes, recipient: str, **changes: object) -> bytes:
    """What a dishonest recipient can make: a new sealing around the old signature."""
    from services.notifications.domain.envelope import _info, _json, _sealing_key

    public = keys_of(recipient).public()
    header = _json(
        {
            "v": 1,
            "suite": public.suite,
            "kid": f"{recipient}#1",
            "id": changes.get("envelope_id", str(read_header(ENVELOPE).envelope_id)),
            "from": SAPAR,
            "to": recipient,
            "exp": changes.get("expires", read_header(ENVELOPE).expires),
        }
    )
    ciphertext = SUITES[public.suite].encrypt(pack(token, body), _sealing_key(public), info=_info(header))
    return struct.pack(">I", len(header)) + header + ciphertext


def test_a_header_nested_without_end_is_malformed_and_breaks_nothing() -> None:
    deep = struct.pack(">I", 1020) + b"[" * 1020

    assert reason_of(deep) == "malformed"


def test_a_header_nested_deeper_than_the_reader_goes_is_malformed() -> None:
    deep = struct.pack(">I", 900) + b'{"v":' + b"[" * 895

    assert reason_of(deep) == "malformed"


@pytest.mark.parametrize("schema", [[], {}, 5, None])
def test_a_schema_that_is_no_word_is_refused(schema: object) -> None:
    assert reason_of(_signed({"schema": schema})) == "schema_unknown"


@pytest.mark.parametrize("crit", [5, "x", {}, [5]])
def test_a_signature_whose_header_makes_no_sense_is_refused(crit: object) -> None:
    assert reason_of(_signed({}, crit=crit)) == "signature_invalid"


def _signed(changed_claims: dict[str, object], **protected: object) -> bytes:
    """What a dishonest sender can make: signed with its own key, whatever it says."""
    from services.notifications.domain.envelope import _signing_key

    token, body = _inner(ENVELOPE)
    head, claims, _ = token.split(b".")
    parts = [_b64(_unb64(head) | protected), _b64(_unb64(claims) | changed_claims)]
    key = _signing_key(keys_of(SAPAR)).get_op_key("sign")
    signature = base64.urlsafe_b64encode(key.sign(b".".join(parts))).rstrip(b"=")
    return _resealed(b".".join([*parts, signature]), body, NAJOT)


def _unb64(part: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    return found


def _b64(value: dict[str, object]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
