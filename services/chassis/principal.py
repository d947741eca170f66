"""Who asks. Free of frameworks, so that use cases may name it."""

from dataclasses import dataclass

from contracts.terms import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """A member of staff or an API client, acting for exactly one agency.

    `subject` is stable at the issuer of `node`; `token_id` names the token in an audit entry without being one.
    """

    subject: str
    agency: str
    roles: frozenset[Role]
    name: str | None
    node: str
    is_client: bool
    token_id: str | None = None

    def has(self, *roles: Role) -> bool:
        """Whether any of these roles is held."""
        return not self.roles.isdisjoint(roles)
