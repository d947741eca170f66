"""Where a message goes, and under which names it travels."""

import hashlib

from contracts.envelope import PARTNERS

REFERRAL_SENT = "referral.sent.v1"
IDENTITY_RELEASED = "referral.identity_released.v1"
CONSENT_WITHDRAWN = ("consent.withdrawn.v1", "consent.withdrawal_acknowledged.v1")


def node_of(agency_id: str) -> str:
    """The country, or `region`, that an agency belongs to."""
    return agency_id.partition(".")[0]


def node_agency(node: str) -> str:
    """The node itself, as a party that signs and is written to."""
    return f"{node}.node"


def is_node(agency_id: str) -> bool:
    """Whether this is a node itself and not one of its agencies."""
    return agency_id.endswith(".node")


def recipients(recipient: str, partners: tuple[str, ...]) -> tuple[str, ...]:
    """The parties that a recipient stands for."""
    return tuple(node_agency(partner) for partner in partners) if recipient == PARTNERS else (recipient,)


def token(lane: str) -> str:
    """An opaque name for a lane: the hub sees subjects, and a referral's id is none of its business."""
    return hashlib.sha256(b"safar lane v1|" + lane.encode()).hexdigest()[:32]


def outward_subject(destination: str, sender: str, lane: str) -> str:
    """Where the sealed envelope waits in its own country."""
    return f"out.{destination.upper()}.{sender.replace('.', '_')}.{token(lane)}"


def border_subject(outward: str) -> str:
    """Where the border relay hands it to the hub, which rewrites it so that no origin can be forged."""
    return f"xb.{outward}"


def needs_corridor(event_type: str, sender: str, recipient: str) -> bool:
    """A new referral and an identity cross on an agreement between the countries.

    What follows on a referral that has crossed travels without: a withdrawn consent must arrive even when the
    agreement has ended since.
    """
    if is_node(sender) or is_node(recipient) or node_of(sender) == node_of(recipient):
        return False
    return event_type in {REFERRAL_SENT, IDENTITY_RELEASED}
