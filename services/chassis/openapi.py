"""The API description: what every operation answers when it cannot do what was asked, written once for all of them."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.problems import DomainError

Json = dict[str, Any]

_OTHER_CODES = {"defect", "http_error", "invalid_fields", "method_not_allowed", "unacceptable_value", "unavailable"}


class FieldProblem(BaseModel):
    """What is wrong with one field and how to mend it; never what was sent."""

    model_config = ConfigDict(extra="forbid")

    field: Annotated[str, Field(examples=["beneficiary.birth_year"])]
    problem: str
    remedy: str


class Problem(BaseModel):
    """Every answer that is no success (RFC 9457). Members without a value are left out."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(examples=["https://safar.example/problems/wrong_state"])]
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; the last part of `type`. Programs decide by it.")]
    detail: Annotated[str, Field(description="What is wrong, for a person.")] = ""
    field: Annotated[str, Field(description="The one field that is wrong.")] = ""
    recorded: Annotated[str, Field(description="The recorded field of a person that a text gives away.")] = ""
    remedy: Annotated[str, Field(description="How to mend it, for a person.")] = ""
    errors: Annotated[list[FieldProblem], Field(description="Every field that is wrong.")] = []
    trace_id: Annotated[str, Field(description="Quote it when you ask for help.")] = ""


class DescribedApp(FastAPI):
    """An application whose description names the problems of each operation: the common ones, and its `responses`."""

    def openapi(self) -> Json:
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas |= _problem_schemas()
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    _describe(path, method, operation)
        assert self.openapi_schema is not None  # noqa: S101  (for the type checker)
        return self.openapi_schema


def _describe(path: str, method: str, operation: Json) -> None:
    own = {
        status: one["description"]
        for status, one in operation["responses"].items()
        if status >= "4" and "content" not in one
    }
    told = {str(status): _MEANINGS[status] for status in _statuses(path, method, operation)} | own
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"] |= {
        status: {"description": meaning, "content": problem}
        for status, meaning in (told | {"default": "Anything else that went wrong."}).items()
    }


def _statuses(path: str, method: str, operation: Json) -> Iterator[int]:
    parameters = operation.get("parameters", [])
    if operation.get("security"):
        yield from (401, 403)
    if "{" in path:
        yield 404
    if method != "get":
        yield from (400, 409, 413, 415)
    if any(one["name"].lower() == "if-match" for one in parameters):
        yield 412
    if parameters or "requestBody" in operation:
        yield 422
    yield 503


def _problem_schemas() -> Json:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["properties"]["code"]["examples"] = sorted(_OTHER_CODES | {one.code for one in _errors(DomainError)})
    return {**schema.pop("$defs"), "Problem": schema}


def _errors(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in base.__subclasses__():
        yield one
        yield from _errors(one)


_MEANINGS = {
    400: "The body is not the JSON that was expected.",
    401: "No access token, or one that is not believed.",
    403: "The role does not include this.",
    404: "Nothing under this address for this principal; another agency's id answers the same.",
    409: "Not possible in the present state.",
    412: "It changed since the version named in If-Match.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not sent as plain application/json.",
    422: "Some fields need correcting; `errors` or `field` name them.",
    503: "A part that is needed does not answer; try again.",
}
