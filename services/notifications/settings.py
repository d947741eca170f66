"""What the border exchange reads from its environment."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from contracts.events.identity import Base64Url
from services.chassis.keys import PublicKeys, unb64
from services.chassis.settings import NodeSettings


class NotificationsSettings(NodeSettings):
    """Adds the identity in account BORDER and the partners' keys, which were exchanged out of band."""

    border_nats_seed_file: Path
    trust_file: Path
    database_pool: int = 16


class TrustedNode(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    agency_id: str
    version: int
    suite: str
    sign_public: Base64Url
    seal_public: Base64Url


def read_trust(path: Path) -> dict[str, PublicKeys]:
    """The keys of the nodes that this node believes, by `<node>.node`."""
    nodes = TypeAdapter(dict[str, TrustedNode]).validate_json(path.read_bytes())
    return {
        one.agency_id: PublicKeys(one.agency_id, one.version, one.suite, unb64(one.sign_public), unb64(one.seal_public))
        for one in nodes.values()
    }
