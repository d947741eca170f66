"""Whose a form is: each carries its session's secret, and within it the sealed mark of the person who opened it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_urlsafe

from cryptography.exceptions import InvalidTag

from gateway.portal.sealing import Seal

_MARK = b"owner of a form"
Owner = tuple[str, str]
"""Subject and agency."""


def form_secret(seal: Seal, owner: Owner) -> str:
    """What every form of a session carries: random, with a mark that tells whose it is to the portal only."""
    mark = urlsafe_b64encode(seal.close({"owner": owner}, _MARK)).decode()
    return f"{token_urlsafe(32)}.{mark}"


def owner_of(seal: Seal, secret: str) -> Owner | None:
    """Who opened the form that carries this secret; None where no mark of ours tells."""
    try:
        subject, agency = seal.open(urlsafe_b64decode(secret.partition(".")[2].encode()), _MARK)["owner"]
    except (InvalidTag, ValueError):
        return None
    return subject, agency
