"""Opaque cursors: where the last page ended. They hold codes, an offering's name and id, nothing of the search."""

import base64
import binascii
import json
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.directory.domain.errors import CursorInvalidError
from services.directory.domain.ranking import Rank

_RANK = TypeAdapter(Rank)


def cursor_of(rank: Rank | None) -> str | None:
    if rank is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(rank, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def rank_of(cursor: str | None) -> Rank | None:
    """Raises CursorInvalidError."""
    if cursor is None:
        return None
    try:
        return _RANK.validate_json(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValidationError, binascii.Error, ValueError):
        raise CursorInvalidError from None


def id_of(cursor: str | None) -> UUID | None:
    """The own list goes by id. Raises CursorInvalidError."""
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError:
        raise CursorInvalidError from None
