"""What can go wrong in identity."""

from typing import ClassVar

from services.chassis.problems import DomainError, Kind


class DeclarationError(ValueError):
    """A fixture that contradicts itself; the message names the entry."""


class ProviderUnavailableError(DomainError):
    """The identity provider cannot be reached or refuses its administrator."""

    code: ClassVar[str] = "identity_provider_unavailable"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[str] = "The identity provider cannot be reached"
