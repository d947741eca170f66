"""Which nodes run, and on which ports: everything is derived from COUNTRIES and PORT."""

from dataclasses import dataclass

from deploy.local.errors import LauncherError

COUNTRIES = ("kz", "kg", "tj", "tm", "uz")
REGION = "region"
HUB = "hub"
DEFAULT_PORT = 8400

COUNTRY_SERVICES = ("identity", "directory", "referrals", "notifications", "coordination")
REGION_SERVICES = ("notifications", "coordination")

_SLOTS = {REGION: 0, "kz": 1, "kg": 2, "tj": 3, "tm": 4, "uz": 5, HUB: 6}
_SLOT_WIDTH = 20
_OFFSETS = {
    "edge": 0,
    "portal": 1,
    "identity": 2,
    "directory": 3,
    "referrals": 4,
    "notifications": 5,
    "coordination": 6,
    "idp": 7,
    "nats": 8,
    "leaf": 9,
    "monitor": 10,
}
_POSTGRES_OFFSET = 139
_KEYCLOAK_OFFSET = 138
_KEYCLOAK_MANAGEMENT_OFFSET = 137
_HIGHEST_BASE = 65535 - _POSTGRES_OFFSET


@dataclass(frozen=True)
class Plan:
    """The countries of this installation and its base port."""

    countries: tuple[str, ...]
    port_base: int = DEFAULT_PORT
    identity: str = "nanoidp"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Countries and the region, without the hub."""
        return (REGION, *self.countries)

    def services(self, node: str) -> tuple[str, ...]:
        """The Python services of a node, without its portal."""
        return REGION_SERVICES if node == REGION else COUNTRY_SERVICES

    def partners(self, node: str) -> tuple[str, ...]:
        """The other countries, which a country exchanges referrals with; the region refers to nobody."""
        return () if node == REGION else tuple(other for other in self.countries if other != node)

    def neighbours(self, node: str) -> tuple[str, ...]:
        """Every node that this one exchanges envelopes with over the hub."""
        return self.countries if node == REGION else (*self.partners(node), REGION)

    def port(self, node: str, part: str) -> int:
        return self.port_base + _SLOT_WIDTH * _SLOTS[node] + _OFFSETS[part]

    @property
    def postgres_port(self) -> int:
        return self.port_base + _POSTGRES_OFFSET

    @property
    def keycloak_port(self) -> int:
        return self.port_base + _KEYCLOAK_OFFSET

    @property
    def keycloak_management_port(self) -> int:
        return self.port_base + _KEYCLOAK_MANAGEMENT_OFFSET

    def ports(self) -> dict[int, str]:
        """Every port of the installation and what listens there."""
        named = {self.postgres_port: "postgres", self.port(HUB, "nats"): "hub.nats"}
        named |= {self.port(HUB, part): f"hub.{part}" for part in ("leaf", "monitor")}
        for node in self.nodes:
            idp = ("idp",) if self.identity == "nanoidp" else ()
            parts = ("edge", "portal", *self.services(node), *idp, "nats", "monitor")
            named |= {self.port(node, part): f"{node}.{part}" for part in parts}
        if self.identity == "keycloak":
            named |= {self.keycloak_port: "keycloak", self.keycloak_management_port: "keycloak's management"}
        return named

    def portal_origin(self, node: str) -> str:
        """Where people and agencies' systems reach a node: its edge."""
        return f"http://localhost:{self.port(node, 'edge')}"


def plan(countries: str, port: str, identity: str = "nanoidp") -> Plan:
    """Read what the person asked for; raises LauncherError with a sentence where that is impossible."""
    if identity not in {"nanoidp", "keycloak"}:
        raise LauncherError(f"IDENTITY={identity} is unknown. Choose nanoidp (the default) or keycloak.")
    return Plan(_countries(countries), _port(port), identity)


def _countries(text: str) -> tuple[str, ...]:
    names = [name for name in text.lower().replace(",", " ").split() if name]
    if names == ["all"]:
        return COUNTRIES
    for name in names:
        if name not in COUNTRIES:
            known = ", ".join(COUNTRIES)
            raise LauncherError(f"COUNTRIES={text}: there is no node for '{name}'. Choose from {known}, or 'all'.")
    if not names:
        raise LauncherError("COUNTRIES is empty. Name at least one country, for example COUNTRIES=kz,uz.")
    return tuple(name for name in COUNTRIES if name in names)


def _port(text: str) -> int:
    lowest = 1024
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= _HIGHEST_BASE:
        raise LauncherError(f"PORT={text} cannot be a base port. Choose a number from {lowest} to {_HIGHEST_BASE}.")
    return int(text)
