"""What the directory reads from its environment."""

from services.chassis.settings import NodeSettings


class DirectorySettings(NodeSettings):
    """Nothing beyond what every component of a country's node reads; the region runs no directory."""
