"""What nodes know of one another before the first message: the public keys of `<node>.node`, given out of band."""

import json
from dataclasses import asdict
from typing import Any

from deploy.local.plan import Plan
from deploy.local.state import State, private_folder, write_private
from services.chassis.keys import FileKeyProvider, b64


def exchange(state: State, plan: Plan) -> None:
    """Make each node's own keys and give every neighbour the public half."""
    public = {node: _own_keys(state, node) for node in plan.nodes}
    for node in plan.nodes:
        trusted = {f"{other}.node": public[other] for other in plan.neighbours(node)}
        write_private(state.node(node) / "trust.json", json.dumps(trusted, indent=1))


def _own_keys(state: State, node: str) -> dict[str, Any]:
    provider = FileKeyProvider(private_folder(state.keys(node)))
    provider.transport_key()
    keys = asdict(provider.create_agency_keys(f"{node}.node"))
    return {name: b64(value) if isinstance(value, bytes) else value for name, value in keys.items()}
