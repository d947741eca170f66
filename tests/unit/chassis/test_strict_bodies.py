"""Bodies: what is not plain JSON is refused with a reason and a remedy, and never with a 500."""

import contextlib
import json

import pytest
from asyncpg.exceptions import (
    AdminShutdownError,
    CannotConnectNowError,
    CharacterNotInRepertoireError,
    InterfaceError,
    InternalClientError,
    SyntaxOrAccessError,
)
from fastapi import APIRouter
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.types import Message, Receive

from services.chassis.bodies import BODY_LIMIT, BodyGuard, MalformedBodyError, strict_json
from services.chassis.http import create_app
from services.chassis.problems import DomainError, Kind, field_errors


class Note(BaseModel):
    text: str
    number: int = 0


def _client() -> TestClient:
    router = APIRouter()

    @router.post("/v1/notes")
    async def create_note(note: Note) -> Note:
        return note

    @router.post("/v1/failures")
    async def fail() -> None:
        raise RuntimeError("Sample Canary")

    @router.post("/v1/conflicts")
    async def conflict() -> None:
        raise BusyError("Somebody was faster.", field="number", remedy="Read it again.")

    @router.get("/v1/notes/{number}")
    async def read_note(number: int, status: str = "", limit: int = 5) -> str:
        return f"{number} {status} {limit}"

    @router.get("/v1/dates")
    async def overflow() -> None:
        raise OverflowError

    @router.get("/v1/texts")
    async def unstorable() -> None:
        raise CharacterNotInRepertoireError

    @router.post("/v1/outages/{number}")
    async def fall_away(number: int) -> None:
        closed = InterfaceError("connection is closed")
        broken = InternalClientError("cannot switch to state 15; another operation (2) is in progress")
        raise (AdminShutdownError, ConnectionResetError, closed, CannotConnectNowError, broken, SyntaxOrAccessError)[
            number
        ]

    return TestClient(create_app("notes", [router], {}, docs=False), raise_server_exceptions=False)


class BusyError(DomainError):
    code = "busy"
    kind = Kind.CONFLICT
    title = "Busy"


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "a", "text": "b"}',
        b'{"text": "a", "number": NaN}',
        b'{"text": "a\\u0000"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a"',
        b"\xff\xfe",
        b"[" * 200 + b"]" * 200,
        b"[" * 100_000,
    ],
)
def test_a_hostile_body_is_refused_with_a_reason(body: bytes) -> None:
    answer = _client().post("/v1/notes", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_body"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_over_the_limit_is_refused_before_it_is_read_whole() -> None:
    def endless():
        for _ in range(10_000):
            yield b" " * 65_536

    answer = _client().post("/v1/notes", content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413


def test_a_body_at_the_limit_is_read() -> None:
    body = json.dumps({"text": "x" * (BODY_LIMIT - 12)}).encode()

    answer = _client().post("/v1/notes", content=body, headers={"content-type": "application/json"})

    assert (len(body), answer.status_code) == (BODY_LIMIT, 200)


def test_a_wrong_field_is_named_and_its_value_is_not_repeated() -> None:
    answer = _client().post("/v1/notes", json={"text": "a", "number": "Sample Canary"})

    problem = answer.json()
    assert answer.status_code == 422
    assert problem["errors"][0]["field"] == "number"
    assert problem["errors"][0]["remedy"]
    assert "Canary" not in answer.text


def test_a_domain_error_becomes_a_problem_with_its_remedy() -> None:
    answer = _client().post("/v1/conflicts")

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "https://safar.example/problems/busy",
        "title": "Busy",
        "status": 409,
        "code": "busy",
        "detail": "Somebody was faster.",
        "field": "number",
        "remedy": "Read it again.",
    }


def test_a_defect_tells_nothing_of_its_cause() -> None:
    answer = _client().post("/v1/failures")

    assert answer.status_code == 500
    assert answer.json()["code"] == "defect"
    assert "Canary" not in answer.text


@pytest.mark.parametrize(("number", "status"), [(0, 503), (1, 503), (2, 503), (3, 503), (4, 503), (5, 500)])
def test_a_database_that_goes_down_is_no_defect_of_ours(number: int, status: int) -> None:
    answer = _client().post(f"/v1/outages/{number}")

    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)


def test_a_defect_names_the_trace_to_quote() -> None:
    answer = _client().post("/v1/failures", headers={"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"})

    assert answer.json()["trace_id"] == "ab" * 16


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"content-type": "text/plain"}, "Content-Type"),
        ({"content-type": "multipart/form-data; boundary=x"}, "Content-Type"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_a_body_that_is_not_sent_as_plain_json_says_so(headers: dict[str, str], field: str) -> None:
    answer = _client().post("/v1/notes", content=b'{"text": "a"}', headers=headers)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        415,
        "unsupported_media_type",
        field,
    )


def test_a_mistyped_parameter_is_refused_and_the_known_ones_are_named() -> None:
    right = _client().get("/v1/notes/1?status=a&limit=3")
    wrong = _client().get("/v1/notes/1?statsu=Canary")

    assert right.json() == "1 a 3"
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_parameter")
    assert wrong.json()["remedy"] == "Known here: limit, status."
    assert "Canary" not in wrong.text


def test_an_unknown_address_and_an_unknown_method_are_problems_too() -> None:
    assert _client().get("/v1/nothing").json()["code"] == "not_found"
    assert _client().delete("/v1/notes").json()["code"] == "method_not_allowed"


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    with contextlib.suppress(MalformedBodyError):
        strict_json(body)


@pytest.mark.parametrize("path", ["/v1/dates", "/v1/texts"])
def test_a_value_that_cannot_be_stored_is_the_askers_to_mend(path: str) -> None:
    answer = _client().get(path)

    assert (answer.status_code, answer.json()["code"]) == (422, "unacceptable_value")
    assert answer.json()["remedy"]


def test_a_field_that_is_not_there_is_told_in_our_words() -> None:
    (told,) = field_errors([{"type": "extra_forbidden", "loc": ("body", "service"), "msg": "Extra inputs"}])

    assert told["problem"] == "There is no field of this name here"
    assert "API description" in told["remedy"]


@pytest.mark.parametrize("come", [[], [{"type": "http.request", "body": b'{"text": "a"', "more_body": True}]])
async def test_a_body_that_broke_off_is_not_taken_for_a_shorter_one(come: list[dict[str, object]]) -> None:
    acted: list[bytes] = []
    answered: list[object] = []

    async def act(_: object, receive: Receive, __: object) -> None:
        acted.append((await receive())["body"])

    async def send(message: object) -> None:
        answered.append(message)

    coming = iter([*come, {"type": "http.disconnect"}])

    async def receive() -> Message:
        return next(coming)

    scope = {"type": "http", "method": "POST", "path": "/v1/x", "headers": [(b"content-length", b"30")]}
    await BodyGuard(act)(scope, receive, send)

    assert (acted, answered) == ([], [])
