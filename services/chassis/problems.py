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


class FieldError(ValueError):
    """A rule that a validator found broken: which of its fields is wrong ("" for its own), what, how to mend it."""

    def __init__(self, field: str, wrong: str, remedy: str) -> None:
        super().__init__(wrong)
        self.field = field
        self.remedy = remedy


def field_errors(errors: list[Mapping[str, object]]) -> list[dict[str, str]]:
    """Pydantic's errors as field, problem and remedy; never the input. A list is not short whose items are wrong."""
    deeper = {_location(error)[:-1] for error in errors}
    return [_field_error(one) for one in errors if one.get("type") != "too_short" or _location(one) not in deeper]


def _field_error(error: Mapping[str, object]) -> dict[str, str]:
    kind, context = str(error.get("type")), error.get("ctx")
    cause = context.get("error") if isinstance(context, dict) else None
    parts = [str(part) for part in _location(error) if part != "[key]"]
    wrong, remedy = str(error.get("msg", "")), _UNKNOWN_REMEDY
    if isinstance(cause, FieldError):
        parts, wrong, remedy = [*parts, *filter(None, (cause.field,))], str(cause), cause.remedy
    elif isinstance(cause, ValueError):
        wrong = str(cause)
    elif kind in _WRONG:
        wrong = _WRONG[kind]
    return {"field": ".".join(parts) or "body", "problem": wrong, "remedy": _REMEDIES.get(kind, remedy)}


def _location(error: Mapping[str, object]) -> tuple[object, ...]:
    location = error.get("loc")
    parts = location if isinstance(location, tuple) else ()
    return parts[1:] if parts[:1] in {("body",), ("query",), ("path",), ("header",)} else parts


_WRONG = {
    "bool_parsing": "This is neither true nor false",
    "bool_type": "This is neither true nor false",
    "dict_type": "This is no JSON object",
    "extra_forbidden": "There is no field of this name here",
    "int_parsing": "This is no whole number",
    "list_type": "This is no list",
    "model_attributes_type": "This is no JSON object",
    "string_pattern_mismatch": "This is not written as such a value is written",
    "string_type": "This is no text",
    "timezone_aware": "The time zone is missing",
    "too_long": "There is too much in it",
    "too_short": "There is nothing in it",
    "tuple_type": "This is no list",
}
_UNKNOWN_REMEDY = "Correct this field and send the request again."
_A_TIME = "Give a date and time with a time zone, as in 2026-11-22T09:40:00+05:00."
_A_CODE = "Use one of the codes named in the API description."
_AN_OBJECT = "Send a JSON object, as the API description shows it."
_REMEDIES = {
    "bool_parsing": "Send true or false.",
    "bool_type": "Send true or false.",
    "datetime_from_date_parsing": _A_TIME,
    "datetime_parsing": _A_TIME,
    "dict_type": _AN_OBJECT,
    "enum": _A_CODE,
    "extra_forbidden": "Check its name against the API description, or leave it out.",
    "greater_than_equal": "Give a greater number.",
    "int_parsing": "Give a whole number.",
    "less_than_equal": "Give a smaller number.",
    "list_type": 'Send a list, as in ["uz", "ru"].',
    "literal_error": _A_CODE,
    "missing": "Add this field.",
    "model_attributes_type": _AN_OBJECT,
    "string_pattern_mismatch": "Write it as the API description shows it; take ids as they were returned.",
    "string_too_long": "Shorten the text.",
    "string_too_short": "Write something here, or leave the field out.",
    "string_type": "Send a text in quotation marks.",
    "timezone_aware": _A_TIME,
    "too_long": "Name fewer.",
    "too_short": "Write or name something here.",
    "tuple_type": 'Send a list, as in ["uz", "ru"].',
    "uuid_parsing": "Give an id as it was returned by the API.",
}
