"""The portal's settings: one frozen object, read by app alone."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.settings import Issuer, NodeName


class PortalSettings(BaseSettings):
    """What a node's portal needs. `services` are the base addresses of the APIs, `portals` those of other countries."""

    model_config = SettingsConfigDict(env_prefix="SAFAR_", frozen=True, extra="ignore")

    node: NodeName
    mode: Literal["development", "production"] = "production"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=1, le=65535)
    database_url: SecretStr
    portal_origin: str
    oidc_issuer: str
    oidc_client_id: str = "safar-portal"
    oidc_client_secret_file: Path
    session_key_file: Path | None = None
    keys_dir: Path | None = None
    services: dict[str, str]
    issuers: tuple[Issuer, ...] = ()
    partners: str = ""
    portals: dict[str, str] = Field(default_factory=dict)
    help_line: str = "0 000 00 00"
    training: bool = True
    trace_file: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def partner_nodes(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.partners.split(",") if name.strip())

    @property
    def provider_origin(self) -> str:
        """Scheme and host of the identity provider: signing out posts there by redirect."""
        parts = urlsplit(self.oidc_issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_https(self) -> bool:
        return self.portal_origin.startswith("https:")
