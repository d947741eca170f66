"""What can go wrong that a person, or the other side, can do something about."""

from collections.abc import Iterable

from services.chassis.problems import DomainError, Kind


class WrongStateError(DomainError):
    """The verb is not possible now; the detail names what is."""

    code = "wrong_state"
    kind = Kind.CONFLICT
    title = "This is not possible in the present state"

    def __init__(self, status: str, possible: Iterable[str]) -> None:
        named = ", ".join(sorted(possible)) or "nothing"
        super().__init__(f"The state is {status}. Possible for you now: {named}.", remedy="Load it again and choose.")


class ConsentMissingError(DomainError):
    code = "consent_missing"
    kind = Kind.CONFLICT
    title = "No valid consent for this"

    def __init__(self) -> None:
        super().__init__(
            "There is no valid consent of this person for this agency and this service.",
            field="consent_grant_id",
            remedy="Explain and record a consent grant for this agency and service, then send.",
        )


class CorridorClosedError(DomainError):
    code = "corridor_closed"
    kind = Kind.CONFLICT
    title = "No agreement opens this way"

    def __init__(self) -> None:
        super().__init__(
            "No agreement in force lets a referral go from this country to that one.",
            field="receiving_agency",
            remedy="Choose an agency in a country with an open corridor.",
        )


class UnknownAgencyError(DomainError):
    code = "unknown_agency"
    title = "No such agency takes referrals"

    def __init__(self, field: str = "receiving_agency") -> None:
        super().__init__(
            "Nobody enrolled under this id takes referrals from you.",
            field=field,
            remedy="Take an id of this country from /v1/agencies, of another from a service found in the directory.",
        )


class UnknownCaseError(DomainError):
    code = "unknown_case"
    title = "No such case"

    def __init__(self) -> None:
        super().__init__(
            "Your agency has no such case, or its beneficiary was erased.",
            field="case_id",
            remedy="Give the id of a case of yours that is not erased.",
        )


class NotRedirectedError(DomainError):
    code = "not_redirected"
    title = "That referral was not redirected"

    def __init__(self) -> None:
        super().__init__(
            "This case has no such referral that came back redirected.",
            field="redirected_from",
            remedy="Give the id of the redirected referral of this case, or leave the field out.",
        )


class NamesThePersonError(DomainError):
    """`recorded` is the field of the case that the text gives away, `field` where the text stands."""

    code = "names_the_person"
    title = "The text names the person"

    def __init__(self, recorded: str, field: str = "note") -> None:
        super().__init__(
            f"What is recorded under {recorded} stands in it, and it is read before anybody accepts.",
            field=field,
            remedy="Take it out of the text; the consented fields follow by themselves on acceptance.",
        )
        self.recorded = recorded

    def problem(self) -> dict[str, object]:
        return super().problem() | {"recorded": self.recorded}


class UnfitConsentError(DomainError):
    code = "unfit_consent"
    title = "This is no consent that could be used"


class OutcomeContradictedError(DomainError):
    code = "outcome_contradicted"
    title = "The service was not delivered"

    def __init__(self) -> None:
        super().__init__(
            "A need is not met by a service that was not delivered.",
            field="outcome",
            remedy="Close with another outcome.",
        )


class VersionChangedError(DomainError):
    code = "version_changed"
    kind = Kind.PRECONDITION
    title = "Somebody was faster"

    def __init__(self) -> None:
        super().__init__("It changed since you loaded it.", field="If-Match", remedy="Load it again and decide anew.")


class IdempotencyKeyReusedError(DomainError):
    code = "idempotency_key_reused"
    title = "This key belongs to another request"

    def __init__(self) -> None:
        super().__init__("The key was used before with another body.", field="Idempotency-Key", remedy="Use a new key.")


class IdentityNotReleasedError(DomainError):
    code = "identity_not_released"
    kind = Kind.CONFLICT
    title = "The identity has not been released"

    def __init__(self) -> None:
        super().__init__(
            "It follows by itself once the referral is accepted and consent holds.",
            remedy="Accept, or wait until the other agency's system has released it.",
        )


class AccessClosedError(DomainError):
    code = "access_closed"
    kind = Kind.CONFLICT
    title = "Access to this person's identity has ended"

    def __init__(self) -> None:
        super().__init__(
            "The consent was withdrawn or its time is over.",
            remedy="Ask the other agency: under a new consent it can refer anew.",
        )


class ConsentOverError(DomainError):
    code = "consent_over"
    kind = Kind.CONFLICT
    title = "The consent has run out"

    def __init__(self) -> None:
        super().__init__(
            "Nothing would follow on acceptance: the time that the person agreed to is over.",
            remedy="Decline it as incomplete, so that the other agency takes consent anew and refers again.",
        )


class IdentityErasedError(DomainError):
    code = "identity_erased"
    kind = Kind.CONFLICT
    title = "This person's identity was erased"

    def __init__(self) -> None:
        super().__init__(
            "The key was destroyed; nobody can read it again.",
            remedy="Work with the codes that are left, or open a case.",
        )


class CustodyBrokenError(DomainError):
    """An arrived entry does not continue its author's chain."""

    code = "custody_broken"
    kind = Kind.CONFLICT


class NotYoursToSayError(DomainError):
    """An arrived act is not its author's to do, or names another agency than it came from."""

    code = "not_yours_to_say"
    kind = Kind.FORBIDDEN


class ImplausibleTimeError(DomainError):
    """An arrived act was done in the future or long ago, or sets a deadline or a consent that makes no sense."""

    code = "implausible_time"
    kind = Kind.CONFLICT


class ActImpossibleError(DomainError):
    """An arrived act cannot follow the state, not even by crossing ours on the way."""

    code = "act_impossible"
    kind = Kind.CONFLICT


class ReferralExistsError(DomainError):
    code = "referral_exists"
    kind = Kind.CONFLICT
