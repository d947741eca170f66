"""Who may do what, which version they saw, which page they want, and whether they asked before."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from contracts.terms import Role
from services.chassis.auth import Principal, require
from services.chassis.problems import DomainError
from services.referrals.domain.draft import Drafts
from services.referrals.domain.listing import ReferralFilter
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor

_ACTING = (Role.CASEWORKER, Role.SUPERVISOR, Role.INTEGRATION)
Acting = Annotated[Principal, Depends(require(*_ACTING))]
Officer = Annotated[Principal, Depends(require(Role.DATA_PROTECTION_OFFICER))]


class Reading(Protocol):
    """Read models of one agency; rows by column name."""

    async def referrals(self, wanted: ReferralFilter) -> list[Any]: ...
    async def referral(self, referral_id: UUID) -> Any: ...
    async def mark_read(self, referral_id: UUID) -> None: ...
    async def entries(self, referral_id: UUID) -> list[Any]: ...
    async def notices_of(self, referral_id: UUID) -> list[Any]: ...
    async def notices(self, after: UUID | None, limit: int) -> list[Any]: ...
    async def audit(self, after: UUID | None, limit: int) -> list[Any]: ...
    async def cases(self, after: UUID | None, limit: int) -> list[Any]: ...
    async def case(self, case_id: UUID) -> Any: ...
    async def referrals_of_case(self, case_id: UUID) -> list[Any]: ...
    async def consents_of_case(self, case_id: UUID) -> list[Any]: ...
    async def texts(self, referral: Any, entries: Sequence[Any]) -> "Texts":
        """The referral's note and its entries' texts, decrypted; None where the key is gone."""
        ...


class Texts(Protocol):
    @property
    def note(self) -> str | None: ...
    def of(self, entry: Any) -> str | None: ...


class Opened(Protocol):
    """A transaction of one agency: its desk, its read models, its idempotency keys."""

    @property
    def desk(self) -> Desk: ...
    @property
    def reading(self) -> Reading: ...

    async def claim(self, route: str, key: str, body_hash: bytes) -> bool: ...
    async def remember(self, route: str, key: str, answer: str) -> None: ...
    async def replay(self, route: str, key: str, body_hash: bytes) -> str | None: ...


class Office(Protocol):
    @property
    def drafts(self) -> Drafts: ...
    def begin(self, principal: Principal) -> AbstractAsyncContextManager[Opened]: ...


async def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


Doors = Annotated[Office, Depends(_office)]


def actor_of(principal: Principal) -> Actor:
    """The principal in the role in which they act."""
    roles = (*_ACTING, Role.DATA_PROTECTION_OFFICER)
    return Actor(principal.subject, next((role for role in roles if principal.has(role)), None), principal.name)


class InvalidVersionError(DomainError):
    code = "invalid_version"
    title = "If-Match is not a version"


class InvalidCursorError(DomainError):
    code = "invalid_cursor"
    title = "This is no cursor of ours"


class InvalidKeyError(DomainError):
    code = "invalid_idempotency_key"
    title = "This is no usable idempotency key"


_IF_MATCH = "The ETag of the referral as you saw it; when it has changed since, nothing is done (412)."
_IDEMPOTENCY_KEY = (
    "1 to 100 visible ASCII characters, new for each thing to be created, such as a UUID. Sent again within two days "
    "with the same body it gives the first answer again; with another body it is refused (422)."
)


async def _version(
    if_match: Annotated[str | None, Header(description=_IF_MATCH, examples=['"4"'])] = None,
) -> int | None:
    if if_match is None or if_match == "*":
        return None
    digits = if_match.removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):  # noqa: PLR2004  (an int4)
        raise InvalidVersionError(field="If-Match", remedy='Send the ETag as it was given, as in "4".')
    return int(digits)


Version = Annotated[int | None, Depends(_version)]

_LONGEST_KEY = 100


async def _key(idempotency_key: Annotated[str | None, Header(description=_IDEMPOTENCY_KEY)] = None) -> str | None:
    if idempotency_key is None:
        return None
    visible = idempotency_key.isascii() and idempotency_key.isprintable() and " " not in idempotency_key
    if not visible or not 0 < len(idempotency_key) <= _LONGEST_KEY:
        raise InvalidKeyError(field="Idempotency-Key", remedy="Use 1 to 100 visible ASCII characters, such as a UUID.")
    return idempotency_key


Key = Annotated[str | None, Depends(_key)]


def body_hash(body: BaseModel) -> bytes:
    """The same for the same meaning, whatever the spaces."""
    return hashlib.sha256(body.model_dump_json().encode()).digest()


def cursor_of(listed: str, last: UUID, due: datetime | None = None) -> str:
    """Where a page of that list ended."""
    packed = json.dumps([listed, due.isoformat() if due else None, str(last)])
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(listed: str, cursor: str | None) -> tuple[datetime | None, UUID] | None:
    """The place a page ended at; raises InvalidCursorError, also for a cursor of another list or order."""
    if cursor is None:
        return None
    refused = InvalidCursorError(
        field="cursor", remedy="Send next_cursor as it was given, to the same list in the same order, or none."
    )
    try:
        of, due, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(due).astimezone(UTC) if due else None, UUID(last)
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise refused from None
    if of != listed:
        raise refused
    return place
