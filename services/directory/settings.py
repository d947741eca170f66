"""What the directory reads from its environment."""

from contracts.terms import Country
from services.chassis.settings import NodeSettings


class DirectorySettings(NodeSettings):
    """A directory runs in a country's node: the region has none."""

    @property
    def country(self) -> Country:
        return Country(self.node)
