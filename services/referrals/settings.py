"""Settings of this service, read by `app` alone."""

from pydantic import SecretStr

from services.chassis.settings import NodeSettings


class ReferralsSettings(NodeSettings):
    """The keys database is another one, with another login and another backup window."""

    keys_database_url: SecretStr
    keys_database_pool: int = 4
