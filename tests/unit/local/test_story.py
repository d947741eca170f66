"""What the live crossing says may be said: its texts name nobody of whom it tells."""

import re
from pathlib import Path

from contracts.terms import IdentityField
from deploy.local import demo, story
from deploy.local.story import Plot
from services.referrals.domain.naming import named_in


def test_no_text_of_the_demonstration_names_its_person() -> None:
    said = [
        text
        for module in (story, demo)
        for text in re.findall(r'(?:answer|question|note|feedback)="([^"]+)"', Path(str(module.__file__)).read_text())
    ]

    assert len(said) > 2
    assert not any(named_in(text, {IdentityField.FULL_NAME: Plot().name}) for text in said)
