"""Identity's settings; read by app alone."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.settings import NodeSettings


class ProviderSettings(BaseSettings):
    """The identity provider and the fixture it is brought to; enough for `provider-files`."""

    model_config = SettingsConfigDict(env_prefix="SAFAR_", frozen=True, extra="ignore")

    fixture_file: Path
    identity_provider: Literal["nanoidp", "keycloak"] = "keycloak"
    provider_dir: Path
    provider_url: str
    portal_origin: str
    provider_admin: str = "admin"
    provider_admin_password_file: Path | None = None


class IdentitySettings(NodeSettings):
    """Of the service; the provider's settings are needed only where `reconcile` runs."""

    reconcile_on_start: bool = False
