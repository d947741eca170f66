"""A draft is stored, for a case of the own agency and an agency that takes referrals."""

from contracts.terms import Country
from services.referrals.domain.draft import Draft, DraftOutcome, Drafts, Remembered
from services.referrals.domain.errors import (
    NamesThePersonError,
    NotRedirectedError,
    UnknownAgencyError,
    UnknownCaseError,
)
from services.referrals.domain.naming import named_in


async def create_referral(drafts: Drafts, draft: Draft, remembered: Remembered | None) -> bool:
    """False when the idempotency key was used before.

    Raises:
        UnknownCaseError: no such case, or its beneficiary was erased.
        UnknownAgencyError: nobody of that id takes referrals from this agency.
        NotRedirectedError: `redirected_from` is no referral of this case that came back redirected.
        NamesThePersonError: the note goes with the preview, before anything may be known of the person.
    """
    if draft.note and (named := named_in(draft.note, await drafts.identity(draft))):
        raise NamesThePersonError(named)
    if draft.receiving_agency.partition(".")[0] not in set(Country):
        raise UnknownAgencyError
    outcome = await drafts.insert(draft, remembered)
    if outcome is DraftOutcome.NO_CASE:
        raise UnknownCaseError
    if outcome is DraftOutcome.NO_AGENCY:
        raise UnknownAgencyError
    if outcome is DraftOutcome.NOT_REDIRECTED:
        raise NotRedirectedError
    return outcome is DraftOutcome.CREATED
