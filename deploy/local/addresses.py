"""`addresses.json`: every component, address and demo login, for people, scripts and tests."""

import json
from collections.abc import Iterable
from typing import Any

from deploy.local import broker, provider
from deploy.local.component import Component
from deploy.local.databases import PORTAL, SCHEMAS
from deploy.local.plan import HUB, Plan
from deploy.local.postgres import Server
from deploy.local.state import State, write_private


def write(state: State, plan: Plan, server: Server, components: Iterable[Component], *, whole: bool) -> None:
    """Write the file (0600: it carries the demo's secrets); `whole` when identity providers run too."""
    document = {
        "port_base": plan.port_base,
        "identity": plan.identity,
        "countries": list(plan.countries),
        "components": [_component(state, component) for component in components],
        "nodes": {node: _node(state, plan, node, whole=whole) for node in plan.nodes},
        "hub": {"leaf_port": plan.port(HUB, "leaf"), "monitor": _monitor(plan, HUB)},
        "postgres": {
            "port": server.port,
            "data": str(server.data),
            "admin_url": server.url("postgres"),
            "databases": {node: _databases(plan, node) for node in plan.nodes},
        },
    }
    write_private(state.addresses, json.dumps(document, indent=1, ensure_ascii=False))


def _component(state: State, component: Component) -> dict[str, Any]:
    return {
        "id": component.id,
        "node": component.node,
        "kind": component.kind,
        "port": component.port,
        "url": component.url,
        "ready": component.ready,
        "pid_file": str(state.pid_file(component.id)),
        "log": str(state.log(component.id)),
    }


def _node(state: State, plan: Plan, node: str, *, whole: bool) -> dict[str, Any]:
    origin = plan.portal_origin(node)
    known: dict[str, Any] = {
        "portal": f"{origin}/",
        "api": f"{origin}/v1",
        "database_port": plan.postgres_port,
        "broker": {
            "url": f"tls://127.0.0.1:{plan.port(node, 'nats')}",
            "monitor": _monitor(plan, node),
            "ca_file": str(broker.authority_file(state, node)),
            "seed_files": {name: str(broker.seed_file(state, node, name)) for name in broker.CONNECTING},
        },
    }
    if whole:
        access = provider.access(state, node)
        known |= {
            "issuer": access["issuer"]["issuer"],
            "token_endpoint": access["token_endpoint"],
            "clients": access["clients"],
            "logins": access["logins"],
        }
    return known


def _databases(plan: Plan, node: str) -> list[str]:
    return [f"{node}_{kind}" for service in (*plan.services(node), PORTAL) for kind in SCHEMAS[service].kinds]


def _monitor(plan: Plan, node: str) -> str:
    return f"http://127.0.0.1:{plan.port(node, 'monitor')}"
