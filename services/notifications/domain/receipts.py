"""Receipts: a node's signed word on what became of an envelope (after eDelivery AS4)."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from contracts.envelope import Instant
from contracts.terms import ReceiptStage
from services.notifications.domain.errors import EnvelopeRefusedError


@dataclass(frozen=True)
class Receipt:
    """`digest` is the SHA-256 of the envelope's exact bytes; a stage that is not reached has no time."""

    envelope_id: UUID
    digest: str
    stages: tuple[tuple[ReceiptStage, datetime], ...]
    traceparent: str | None = None

    def to_bytes(self) -> bytes:
        """JSON, the body of a letter."""
        stages = [{"stage": stage.value, "at": at.isoformat()} for stage, at in self.stages]
        value = {"envelope_id": str(self.envelope_id), "digest": self.digest, "stages": stages}
        return json.dumps(value | ({"traceparent": self.traceparent} if self.traceparent else {})).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Receipt":
        """Raises EnvelopeRefusedError when it is not a receipt."""
        try:
            value = json.loads(data)
            stages = tuple((ReceiptStage(one["stage"]), _time(one["at"])) for one in value["stages"])
            traceparent = value.get("traceparent")
            trace = traceparent if isinstance(traceparent, str) else None
            return cls(UUID(value["envelope_id"]), str(value["digest"]), stages, trace)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise EnvelopeRefusedError("receipt_malformed") from None


_time = TypeAdapter(Instant).validate_python
