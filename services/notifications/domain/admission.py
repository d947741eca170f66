"""Who may say what across the border. The origin country is the server's word (nats.md §3), never the envelope's."""

from contracts.envelope import PARTNERS, CloudEvent
from contracts.registry import contract_of
from contracts.terms import Audience
from services.notifications.domain.envelope import Header
from services.notifications.domain.errors import ContractNotYetKnownError, EnvelopeRefusedError
from services.notifications.domain.routes import is_node, node_agency, node_of

_BETWEEN_AGENCIES = "referrals"
_STAYS_HOME = frozenset(
    {
        "corridor.closed.v1",
        "corridor.opened.v1",
        "delivery.parked.v1",
        "indicator_fact.recorded.v1",
        "receipt.recorded.v1",
    }
)
"""What a service tells its own node alone; no country has to hear it of another."""
_LARGEST = 128 * 1024
"""Bytes of an event: nine fields of an identity with 2,000 letters each, written as six characters a letter."""
_LARGEST_OF = {"country_counts.published.v1": 256 * 1024}
"""500 cells."""


def require_origin(header: Header, origin: str, node: str) -> None:
    """From an agency of the country it arrived from, for an agency of this one."""
    if node_of(header.sender) != origin:
        raise EnvelopeRefusedError("origin_forged")
    if node_of(header.recipient) != node:
        raise EnvelopeRefusedError("recipient_elsewhere")


def require_event(header: Header, event: CloudEvent) -> None:
    """The event is its signer's to tell; raises EnvelopeRefusedError or ContractNotYetKnownError.

    An agency speaks for itself, to the agency it names, about referrals. Its node speaks for the country's
    directory, keys and counts: a key is believed only from the node of the agency's own country.
    """
    _, origin, component = event.source.split("/")
    if origin != node_of(header.sender):
        raise EnvelopeRefusedError("source_forged")
    contract = contract_of(event.type)
    if contract is None:
        raise ContractNotYetKnownError(f"contract {event.type}")
    if contract.producer != component:
        raise EnvelopeRefusedError("producer_forged")
    if is_node(header.sender):
        _require_node_event(header, event, component, origin)
    elif (event.sender, event.recipient) != (header.sender, header.recipient) or component != _BETWEEN_AGENCIES:
        raise EnvelopeRefusedError("speaks_for_another")


def _require_node_event(header: Header, event: CloudEvent, component: str, origin: str) -> None:
    if header.recipient != node_agency(node_of(header.recipient)) or component == _BETWEEN_AGENCIES:
        raise EnvelopeRefusedError("speaks_for_another")
    if event.recipient not in {PARTNERS, header.recipient}:
        raise EnvelopeRefusedError("recipient_mismatch")
    if event.sender is not None and node_of(event.sender) != origin:
        raise EnvelopeRefusedError("speaks_for_another")


def require_contract(event: CloudEvent, arrived: int) -> None:
    """What its contract allows, and as this node tells it no larger than what came (`arrived` bytes).

    Before anybody is told: what every service would refuse must not fill their stream first.
    """
    contract = contract_of(event.type)
    if contract is None:
        raise ContractNotYetKnownError(f"contract {event.type}")
    if event.type in _STAYS_HOME or not event.lane.startswith(f"{Audience.ADDRESSED}:"):
        raise EnvelopeRefusedError("audience_mismatch")
    size = len(event.model_dump_json(exclude_none=True).encode())
    if size > _LARGEST_OF.get(event.type, _LARGEST):
        raise EnvelopeRefusedError("too_large")
    if size > arrived:
        raise EnvelopeRefusedError("grows")
    try:
        contract.payload.model_validate(event.data)
    except ValueError:
        raise EnvelopeRefusedError("contract_violated") from None


def require_receipt(header: Header) -> None:
    """Receipts are the word of a node to a node."""
    if not is_node(header.sender) or not is_node(header.recipient):
        raise EnvelopeRefusedError("speaks_for_another")
