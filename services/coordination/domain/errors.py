"""What coordination refuses."""

from services.chassis.problems import DomainError, Kind


class CountMissingError(DomainError):
    """A fact leaves a state in which nobody was counted: the facts contradict each other."""

    code = "count_missing"
    kind = Kind.CONFLICT
    title = "The facts of this referral contradict each other"


class ForeignCountsError(DomainError):
    """A country tells the region what it refers itself, and nothing else."""

    code = "foreign_counts"
    kind = Kind.FORBIDDEN
    title = "These counts are not the sender's to tell"


class CountsOfTheFutureError(DomainError):
    """A month that has not begun: every question about time would have to reach there."""

    code = "counts_of_the_future"
    kind = Kind.CONFLICT
    title = "These counts are of a month that has not begun"


class TooManyDimensionsError(DomainError):
    """Design §7: at most three dimensions at once; a filter is one of them."""

    code = "too_many_dimensions"
    title = "At most three dimensions at once"

    def __init__(self) -> None:
        detail = "Dimensions and filters together may name three of time, origin, destination and so on."
        super().__init__(detail, field="dimensions", remedy="Leave out a dimension or a filter.")


class TooManyRowsError(DomainError):
    code = "too_many_rows"
    title = "The table is too large"

    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} rows are shown.", field="dimensions", remedy="Filter by a period.")
