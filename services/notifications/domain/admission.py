"""Who may say what across the border. The origin country is the server's word (nats.md §3), never the envelope's."""

from contracts.envelope import PARTNERS, CloudEvent
from contracts.registry import contract_of
from services.notifications.domain.envelope import Header
from services.notifications.domain.errors import ContractNotYetKnownError, EnvelopeRefusedError
from services.notifications.domain.routes import is_node, node_agency, node_of

_BETWEEN_AGENCIES = "referrals"


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


def require_receipt(header: Header) -> None:
    """Receipts are the word of a node to a node."""
    if not is_node(header.sender) or not is_node(header.recipient):
        raise EnvelopeRefusedError("speaks_for_another")
