"""Errors: a stable code and a kind; HTTP turns the kind into problem+json (RFC 9457), messaging parks it."""

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

PROBLEM_BASE = "https://safar.example/problems/"


class Kind(Enum):
    """What an error means to the one who asked; the value is the HTTP status."""

    INVALID = 422
    MALFORMED = 400
    UNAUTHENTICATED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    PRECONDITION = 412
    TOO_LARGE = 413
    UNSUPPORTED = 415
    UNAVAILABLE = 503


class DomainError(Exception):
    """Base of every error that a person can do something about.

    `detail` says what is wrong, `field` where, `remedy` how to mend it; none may hold a person's data.
    """

    code: ClassVar[str] = "error"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[str] = "The request cannot be carried out"

    def __init__(self, detail: str | None = None, *, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.field = field
        self.remedy = remedy

    def problem(self) -> dict[str, object]:
        """The problem document, without empty members."""
        return problem(self.kind, self.code, self.title, detail=self.detail, field=self.field, remedy=self.remedy)


class NotFoundError(DomainError):
    """Nothing here for this principal: absent and another tenant's answer alike."""

    code = "not_found"
    kind = Kind.NOT_FOUND
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is nothing under this address for you.", remedy="Use an id that a list gave you.")


def problem(kind: Kind, code: str, title: str, **members: object) -> dict[str, object]:
    """A problem document; members that are None are left out."""
    known = {"type": PROBLEM_BASE + code, "title": title, "status": kind.value, "code": code}
    return known | {name: value for name, value in members.items() if value is not None}


def field_errors(errors: list[Mapping[str, object]]) -> list[dict[str, str]]:
    """Pydantic's errors as field, problem and remedy; never the input."""
    return [
        {
            "field": ".".join(str(part) for part in _location(error)) or "body",
            "problem": str(error.get("msg", "")),
            "remedy": _REMEDIES.get(str(error.get("type")), "Correct this field and send the request again."),
        }
        for error in errors
    ]


def _location(error: Mapping[str, object]) -> tuple[object, ...]:
    location = error.get("loc")
    parts = location if isinstance(location, tuple) else ()
    return parts[1:] if parts[:1] in {("body",), ("query",), ("path",), ("header",)} else parts


_REMEDIES = {
    "missing": "Add this field.",
    "extra_forbidden": "Leave this field out.",
    "enum": "Use one of the codes named in the API description.",
    "uuid_parsing": "Give an id as it was returned by the API.",
    "string_too_long": "Shorten the text.",
    "datetime_from_date_parsing": "Give a date and time with a time zone, as in 2026-11-22T09:40:00+05:00.",
}
