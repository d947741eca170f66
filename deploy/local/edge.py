"""The edge of a node: Caddy with `gateway/edge/Caddyfile`."""

import os

from deploy.local.component import Component
from deploy.local.plan import COUNTRY_SERVICES, Plan
from deploy.local.programs import program
from deploy.local.state import ROOT, State, private_folder

CONFIGURATION = ROOT / "gateway" / "edge" / "Caddyfile"


def component(state: State, plan: Plan, node: str) -> Component:
    folder = private_folder(state.node(node) / "edge")
    return Component(
        id=f"{node}.edge",
        node=node,
        kind="caddy",
        command=(program("caddy"), "run", "--config", str(CONFIGURATION), "--adapter", "caddyfile"),
        port=plan.port(node, "edge"),
        environment={
            "PATH": os.defpath,
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "GOMEMLIMIT": "128MiB",
            **environment(plan, node),
        },
        folder=folder,
        url=plan.portal_origin(node),
        rank=3,
    )


def environment(plan: Plan, node: str) -> dict[str, str]:
    """Where each first path segment goes; what a node does not run, its portal answers: no such page."""
    portal = f"127.0.0.1:{plan.port(node, 'portal')}"
    runs = plan.services(node)
    upstreams = {
        f"SAFAR_{service.upper()}_UPSTREAM": f"127.0.0.1:{plan.port(node, service)}" if service in runs else portal
        for service in COUNTRY_SERVICES
    }
    return {"SAFAR_EDGE_PORT": str(plan.port(node, "edge")), "SAFAR_PORTAL_UPSTREAM": portal, **upstreams}
