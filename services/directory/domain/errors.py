"""What can be wrong with a request or a message, with a stable code."""

from services.chassis.problems import DomainError, Kind


class DistrictUnknownError(DomainError):
    code = "district_unknown"
    title = "This district is not known here"

    def __init__(self, field: str = "district") -> None:
        super().__init__(field=field, remedy="Use a code from GET /v1/districts, of the country concerned.")


class AgeRangeReversedError(DomainError):
    code = "age_range_reversed"
    title = "The lowest age is above the highest"

    def __init__(self) -> None:
        super().__init__(field="eligibility.minimum_age", remedy="Give a minimum_age that is at most maximum_age.")


class AgeContradictedError(DomainError):
    code = "age_contradicted"
    title = "The age is not within the age band"

    def __init__(self) -> None:
        super().__init__(field="age_band", remedy="Give the age or its band; one of them is enough.")


class AddressInPublicTextError(DomainError):
    """The private address stands in a name or description, which partner countries would read."""

    code = "address_in_public_text"
    title = "A public text contains the private address"

    def __init__(self, field: str) -> None:
        super().__init__(field=field, remedy="Take the address out of this text: names and descriptions are published.")


class CapacityFromFutureError(DomainError):
    code = "capacity_from_future"
    title = "Places cannot have been counted in the future"

    def __init__(self, field: str) -> None:
        super().__init__(field=field, remedy="Give the time of the count, or leave it out: then it is now.")


class CapacitySupersededError(DomainError):
    """An older count never replaces a newer one."""

    code = "capacity_superseded"
    kind = Kind.CONFLICT
    title = "A newer count of the places is known"

    def __init__(self) -> None:
        super().__init__(field="updated_at", remedy="Read the offering; send a new count if the known one is wrong.")


class ServiceOfferingWithdrawnError(DomainError):
    code = "service_offering_withdrawn"
    kind = Kind.CONFLICT
    title = "This service offering is withdrawn"

    def __init__(self) -> None:
        super().__init__(remedy="Publish it again with PUT, then change its capacity.")


class TooManyOfferingsError(DomainError):
    code = "too_many_offerings"
    kind = Kind.CONFLICT
    title = "Your agency has as many offerings as it may"

    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} are kept.", remedy="Describe a withdrawn or outdated one anew, by its id.")


class AgencyElsewhereError(DomainError):
    code = "agency_elsewhere"
    kind = Kind.FORBIDDEN
    title = "Your agency belongs to another node"

    def __init__(self) -> None:
        super().__init__(remedy="Publish in the node of your agency's country.")


class CursorInvalidError(DomainError):
    code = "invalid_cursor"
    title = "This cursor was not given by this search"

    def __init__(self) -> None:
        super().__init__(field="cursor", remedy="Leave the cursor out to start again, or use next_cursor as it was.")


class ForeignOriginError(DomainError):
    """A message speaks for a country or an agency that its source is not; its lane is parked, nothing applied."""

    code = "foreign_origin"
    title = "The message speaks for another country or agency than its source"
