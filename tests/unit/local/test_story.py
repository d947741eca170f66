"""What the live crossing says may be said: its texts name nobody of whom it tells."""

import re
from pathlib import Path

from contracts.terms import IdentityField
from deploy.local import demo, story
from deploy.local.api import ApiError
from deploy.local.errors import LauncherError
from deploy.local.story import LateError, Plot
from services.referrals.domain.naming import named_in


def test_no_text_of_the_demonstration_names_its_person() -> None:
    said = [
        text
        for module in (story, demo)
        for text in re.findall(r'(?:answer|question|note|feedback)="([^"]+)"', Path(str(module.__file__)).read_text())
    ]

    assert len(said) > 2
    assert not any(named_in(text, {IdentityField.FULL_NAME: Plot().name}) for text in said)


def test_a_live_crossing_that_fails_is_told_in_a_sentence() -> None:
    refused = ApiError(422, {"code": "names_the_person", "detail": "What is recorded stands in it."})

    assert isinstance(refused, LauncherError)
    assert issubclass(LateError, LauncherError)
    assert str(refused) == "422 names_the_person: What is recorded stands in it."
