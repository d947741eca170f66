"""Keys: made once, readable by their owner only, and one per agency."""

import stat
from pathlib import Path
from threading import Thread

import pytest
from cryptography.exceptions import InvalidTag

from services.chassis.keys import FileKeyProvider
from services.chassis.transport import Transport


def test_an_agencys_keys_are_made_once(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path)

    first = provider.create_agency_keys("kz.sapar-demo")

    assert provider.create_agency_keys("kz.sapar-demo") == first
    assert provider.create_agency_keys("kz.kamqor-demo") != first


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path)
    provider.create_agency_keys("kz.sapar-demo")
    provider.transport_key()

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}

    assert modes == {0o600}


def test_two_who_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [Thread(target=lambda: keys.append(FileKeyProvider(tmp_path).transport_key())) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(keys)) == 1


def test_agencies_have_key_encryption_keys_of_their_own(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path)

    assert provider.agency_kek("kz.sapar-demo") != provider.agency_kek("kz.kamqor-demo")


def test_a_confidential_event_opens_only_for_its_own_type_and_id() -> None:
    transport = Transport(b"k" * 32)
    stored = transport.close(b"{}", "referral.sent.v1|1")

    assert transport.open(stored, "referral.sent.v1|1") == b"{}"
    with pytest.raises(InvalidTag):
        transport.open(stored, "referral.sent.v1|2")
