"""Settings every component reads from its environment (prefix SAFAR_)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

NodeName = Literal["kz", "kg", "tj", "tm", "uz", "region"]
REGION = "region"


class RegisteredClient(BaseModel):
    """An API client and the agency it acts for: our registry decides, not what a token says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: str
    roles: frozenset[str]


class Issuer(BaseModel):
    """An identity provider whose tokens are believed, and for what.

    `*_claim` are dotted paths; `types` the accepted `typ` headers or claims, empty where the provider sets none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    jwks_url: str
    algorithm: Literal["ES256", "RS256"]
    audience: str = "safar-api"
    node: NodeName
    roles_claim: str = "roles"
    organization_claim: str = "organization"
    name_claim: str = "name"
    allowed_audiences: frozenset[str] = frozenset()
    authorized_parties: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    subject_claim: str = "sub"
    clients: Mapping[str, RegisteredClient] = Field(default_factory=dict)


class NodeSettings(BaseSettings):
    """What every component of a node needs; a service adds its own."""

    model_config = SettingsConfigDict(env_prefix="SAFAR_", frozen=True, extra="ignore")

    node: NodeName
    mode: Literal["development", "production"] = "production"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=1, le=65535)
    database_url: SecretStr
    migration_database_url: SecretStr | None = None
    database_pool: int = Field(default=8, ge=2, le=100)
    context_key_file: Path
    nats_url: str
    nats_seed_file: Path
    nats_ca_file: Path | None = None
    keys_dir: Path | None = None
    issuers: tuple[Issuer, ...] = ()
    partners: str = ""
    neighbours: str = ""
    trace_file: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def partner_nodes(self) -> tuple[str, ...]:
        """The partner countries' nodes, from a comma-separated list."""
        return _names(self.partners)

    @property
    def neighbour_nodes(self) -> tuple[str, ...]:
        """Every node that envelopes come from: as listed, else the partners and the region."""
        region = () if self.node == REGION else (REGION,)
        return _names(self.neighbours) or (*self.partner_nodes, *region)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",") if name.strip())
