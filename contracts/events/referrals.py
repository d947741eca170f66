"""What agencies tell each other about a referral, and the facts that are counted.

Every addressed event carries the custody entry that the act wrote, so that both sides hold the same log.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.envelope import AgencyId, Count, Frozen, Instant, Month, Readable
from contracts.events.identity import District
from contracts.registry import contract
from contracts.terms import (
    AgeBand,
    Country,
    CustodyAct,
    DeclineReason,
    ExploitationForm,
    IdentityField,
    Language,
    NotDeliveredReason,
    Outcome,
    ReferralStatus,
    Role,
    Service,
    Sex,
    Urgency,
    WithdrawalReason,
)

Text = Annotated[str, Field(max_length=2000), Readable]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CaseCode = Annotated[str, Field(pattern=r"^(KZ|KG|TJ|TM|UZ)-[0-9A-HJKMNP-TV-Z]{4,8}-[0-9]{2}$")]


class CustodyEntry(Frozen):
    """One act in the custody log, hash-linked within its author's chain.

    `hash` = SHA-256 of the canonical JSON of the entry without `hash`; `previous` is the hash of the
    author's entry before, 64 zeros for the first. No names: the actor is a role at an agency.
    """

    referral_id: UUID
    author: AgencyId
    number: Annotated[int, Field(ge=1)]
    act: CustodyAct
    actor_role: Role | None
    at: Instant
    previous: Sha256
    hash: Sha256


class Act(Frozen):
    """Base of every addressed event: which referral, and the custody entry of the act."""

    referral_id: UUID
    entry: CustodyEntry


class Preview(Frozen):
    """All that the receiving agency sees before it accepts: no identity."""

    code: CaseCode
    service: Service
    urgency: Urgency
    district: District | None = None
    age_band: AgeBand
    sex: Sex
    language: Language | None = None
    interpreter_needed: bool | None = None
    with_children: bool | None = None
    exploitation: ExploitationForm = ExploitationForm.UNKNOWN
    note: Text | None = None


class ConsentReceipt(Frozen):
    """What the consent lets through; never what it withholds, never who gave it by name."""

    consent_grant_id: UUID
    purpose: Service
    fields: tuple[IdentityField, ...]
    valid_until: Instant


class Deadlines(Frozen):
    acknowledge_by: Instant
    decide_by: Instant


@contract("referral.sent.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralSent(Act):
    referring_agency: AgencyId
    receiving_agency: AgencyId
    service_offering_id: UUID | None = None
    preview: Preview
    consent: ConsentReceipt
    deadlines: Deadlines
    redirected_from: UUID | None = None


@contract("referral.acknowledged.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralAcknowledged(Act):
    pass


@contract("referral.information_requested.v1", producer="referrals", consumers=("referrals",), confidential=True)
class InformationRequested(Act):
    question: Text


@contract("referral.information_given.v1", producer="referrals", consumers=("referrals",), confidential=True)
class InformationGiven(Act):
    answer: Text


@contract("referral.accepted.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralAccepted(Act):
    note: Text | None = None


@contract("referral.identity_released.v1", producer="referrals", consumers=("referrals",), confidential=True)
class IdentityReleased(Act):
    """The consented identity fields, released by acceptance."""

    fields: dict[IdentityField, Text]
    valid_until: Instant


@contract("referral.declined.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralDeclined(Act):
    reason: DeclineReason
    note: Text | None = None


@contract("referral.redirected.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralRedirected(Act):
    """The receiving agency names a better one; the referring agency decides with the beneficiary."""

    to_agency: AgencyId
    note: Text | None = None


@contract("referral.service_started.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ServiceStarted(Act):
    pass


@contract("referral.service_delivered.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ServiceDelivered(Act):
    note: Text | None = None


@contract("referral.service_not_delivered.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ServiceNotDelivered(Act):
    reason: NotDeliveredReason
    note: Text | None = None


@contract("referral.closed.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralClosed(Act):
    outcome: Outcome
    feedback: Text | None = None


@contract("referral.withdrawn.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralWithdrawn(Act):
    reason: WithdrawalReason


@contract("referral.expired.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ReferralExpired(Act):
    pass


@contract("consent.withdrawn.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ConsentWithdrawn(Act):
    """The beneficiary changed their mind: the receiving agency loses access and must acknowledge."""


@contract("consent.withdrawal_acknowledged.v1", producer="referrals", consumers=("referrals",), confidential=True)
class ConsentWithdrawalAcknowledged(Act):
    pass


@contract("indicator_fact.recorded.v1", producer="referrals", consumers=("coordination",))
class IndicatorFactRecorded(Frozen):
    """One change of state of a referral that this node's agency sent or received, in codes only.

    `hours_*` are from sending, in whole hours, when the state was first reached by this change.
    """

    referral_id: UUID
    side: Annotated[str, Field(pattern=r"^(referring|receiving)$")]
    agency_id: AgencyId
    origin: Country
    destination: Country
    sent_month: Month
    service: Service
    urgency: Urgency
    sex: Sex
    age_band: AgeBand
    exploitation: ExploitationForm
    status_before: ReferralStatus | None
    status: ReferralStatus
    decline_reason: DeclineReason | None = None
    hours_to_acknowledge: Count | None = None
    hours_to_decide: Count | None = None
