"""The node that this exchange serves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """`partners` get broadcasts; `peers` are all nodes that can be written to: the partners and the region."""

    name: str
    partners: tuple[str, ...]
    peers: frozenset[str]
