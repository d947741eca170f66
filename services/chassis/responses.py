"""Problem documents as responses."""

from collections.abc import Mapping

from fastapi.responses import JSONResponse

from services.chassis import telemetry

PROBLEM_JSON = "application/problem+json"


def problem_response(document: dict[str, object], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document as a response, with the trace to quote when asking for help."""
    if trace_id := telemetry.trace_id():
        document["trace_id"] = trace_id
    status = document["status"]
    assert isinstance(status, int)  # noqa: S101  (for the type checker)
    return JSONResponse(document, status, headers=headers, media_type=PROBLEM_JSON)
