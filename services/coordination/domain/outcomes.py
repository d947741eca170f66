"""What became of a referral, in four groups (portal.md §2)."""

from enum import StrEnum

from contracts.terms import ReferralStatus as Status


class OutcomeGroup(StrEnum):
    SERVED = "served"
    OPEN = "open"
    DECLINED = "declined"
    SILENT = "silent"


GROUPS: dict[OutcomeGroup, frozenset[Status]] = {
    OutcomeGroup.SERVED: frozenset({Status.SERVICE_DELIVERED, Status.CLOSED}),
    OutcomeGroup.OPEN: frozenset(
        {
            Status.SENT,
            Status.DELIVERED,
            Status.ACKNOWLEDGED,
            Status.INFORMATION_REQUESTED,
            Status.ACCEPTED,
            Status.IN_PROGRESS,
        }
    ),
    OutcomeGroup.DECLINED: frozenset(
        {
            Status.DECLINED,
            Status.REDIRECTED,
            Status.WITHDRAWN,
            Status.CONSENT_WITHDRAWN,
            Status.NOT_DELIVERED,
        }
    ),
    OutcomeGroup.SILENT: frozenset({Status.EXPIRED}),
}
"""Every state but draft, once: a draft is not counted."""

GROUP_OF: dict[Status, OutcomeGroup] = {status: group for group, states in GROUPS.items() for status in states}
