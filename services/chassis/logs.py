"""Structured logs: one JSON line, an event code and opaque fields. Nothing a person typed, no driver text."""

import json
import logging
import sys
import time
import traceback
from types import TracebackType

from services.chassis.telemetry import trace_id


class JsonFormatter(logging.Formatter):
    """Keeps the event code and the fields; of an exception only its type and where it was raised."""

    def __init__(self, component: str) -> None:
        super().__init__()
        self._component = component

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith("safar")
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "component": self._component,
            "event": record.msg if ours else record.name,
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if not ours and record.levelno >= logging.WARNING:
            line["library"] = record.module
        if record.exc_info:
            line |= _raised(*record.exc_info)
        if current := trace_id():
            line["trace_id"] = current
        return json.dumps(line, default=str)


def _raised(
    kind: type[BaseException] | None, _error: BaseException | None, where: TracebackType | None
) -> dict[str, object]:
    frames = traceback.extract_tb(where)[-4:]
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
    return {"error": kind.__name__ if kind else None, "raised_at": places}


def set_up(component: str, level: str) -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(component))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "uvicorn.error", "httpx", "httpcore", "nats", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Log:
    """A logger whose messages are codes and whose fields are ids and numbers."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"safar.{name}")

    def info(self, event: str, **fields: object) -> None:
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: object) -> None:
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, *, exception: bool = False, **fields: object) -> None:
        self._logger.error(event, extra={"fields": fields}, exc_info=exception)
