from typing import Any

import pytest
from pydantic import ValidationError

from services.identity.domain.errors import DeclarationError
from services.identity.storage.fixture import NodeEntry, declared


def an_entry(**changes: Any) -> NodeEntry:
    names = {"en": "A", "ru": "А"}
    entry: dict[str, Any] = {
        "node": "kz",
        "names": names,
        "agencies": [{"id": "kz.a-demo", "kind": "ngo", "names": names}],
        "staff": [{"username": "o.primerova", "name": "O. Primerova", "agency": "kz.a-demo", "roles": ["caseworker"]}],
        "corridors": [{"origin": "kz", "destination": "uz", "agreement": "A-1"}],
        "agreements": [{"reference": "A-1", "title": "A", "opened_on": "2026-01-15"}],
    }
    return NodeEntry.model_validate(entry | changes)


def test_a_sound_entry_is_declared() -> None:
    assert declared(an_entry()).agencies[0].alias == "kz-a-demo"


@pytest.mark.parametrize(
    "changes",
    [
        {"agencies": [{"id": "uz.a-demo", "kind": "ngo", "names": {"en": "A", "ru": "А"}}], "staff": []},
        {"staff": [{"username": "o.primerova", "name": "O", "agency": "kz.other", "roles": []}]},
        {"clients": [{"client_id": "kz.x.api", "agency": "kz.other", "roles": ["integration"]}]},
        {"corridors": [{"origin": "kz", "destination": "uz", "agreement": "B-9"}]},
        {"corridors": [{"origin": "kg", "destination": "uz", "agreement": "A-1"}]},
        {"corridors": [{"origin": "kz", "destination": "kz", "agreement": "A-1"}]},
        {"staff": [{"username": "twice", "name": "T", "agency": "kz.a-demo", "roles": []}] * 2},
    ],
)
def test_a_contradiction_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError):
        declared(an_entry(**changes))


@pytest.mark.parametrize("field", ["password", "secret"])
def test_a_secret_in_a_fixture_is_refused(field: str) -> None:
    staff = {"username": "o.primerova", "name": "O", "agency": "kz.a-demo", "roles": [], field: "x"}

    with pytest.raises(ValidationError):
        an_entry(staff=[staff])


def test_an_unknown_role_is_refused() -> None:
    staff = {"username": "o.primerova", "name": "O", "agency": "kz.a-demo", "roles": ["emperor"]}

    with pytest.raises(ValidationError):
        an_entry(staff=[staff])
