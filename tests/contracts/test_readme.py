"""What the README tells a newcomer to send is what the API takes."""

import re

from services.referrals.api.schemas import CreateCase
from tests.support.postgres import ROOT


def test_the_first_case_of_the_readme_can_be_created() -> None:
    (body,) = re.findall(r"""-d '({.*})' "\$API/cases\"""", (ROOT / "README.md").read_text())

    assert CreateCase.model_validate_json(body).needs
