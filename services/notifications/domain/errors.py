"""What can be wrong with an envelope. Reasons are codes; none carries content."""

from typing import ClassVar

from services.chassis.problems import DomainError, Kind


class EnvelopeRefusedError(DomainError):
    """The envelope is not what it must be; `reason` says which rule it broke. It has no effect."""

    code = "envelope_refused"
    title = "The envelope was refused"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class NotYetError(DomainError):
    """The envelope may be good, but something has to arrive first: `waiting_for` names it."""

    code = "envelope_waits"
    title = "The envelope waits"
    reason: ClassVar[str] = "waiting"

    def __init__(self, waiting_for: str) -> None:
        super().__init__()
        self.waiting_for = waiting_for


class KeyNotYetKnownError(NotYetError):
    """The signing key's event has not arrived: `waiting_for` is `<agency>#<version>`."""

    reason = "sender_key_unknown"


class ContractNotYetKnownError(NotYetError):
    """The partner speaks a newer contract than this version knows: quarantined, never defaulted."""

    reason = "unknown_contract"


class TooLargeError(DomainError):
    """No size class holds it."""

    code = "too_large"
    kind = Kind.TOO_LARGE
    title = "The message is too large for the border"
