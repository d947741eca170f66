"""The Python components of a node and the environment that each of them reads its settings from."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from deploy.local import broker, provider
from deploy.local.component import Component
from deploy.local.databases import PORTAL, SCHEMAS, Job, context_key_file, database_url
from deploy.local.plan import Plan
from deploy.local.postgres import Server
from deploy.local.state import State

_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "XDG_CACHE_HOME")
MIGRATION_COMMAND = (sys.executable, "-m", "deploy.local.migrate")


def base_environment() -> dict[str, str]:
    """What any Python process of ours inherits: little; compiled code is kept, a cold start costs seconds."""
    passed = {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith("OTEL_")}
    return {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", **passed}


def migration_input(jobs: Iterable[Job]) -> str:
    """What `deploy.local.migrate` reads: the module and the environment of each migration."""
    names = {"referrals_keys": "SAFAR_KEYS_MIGRATION_DATABASE_URL"}
    return json.dumps(
        [
            {
                "module": _module(service),
                "environment": {names.get(kind, "SAFAR_MIGRATION_DATABASE_URL"): url for kind, url in urls.items()},
            }
            for service, urls in jobs
        ]
    )


def components(state: State, plan: Plan, server: Server, node: str) -> list[Component]:
    """The services of a node and its portal."""
    parts = [*plan.services(node), PORTAL]
    return [_component(state, plan, server, node, service) for service in parts]


def _component(state: State, plan: Plan, server: Server, node: str, service: str) -> Component:
    part = "portal" if service == PORTAL else service
    port = plan.port(node, part)
    identifier = f"{node}.{part}"
    environment = (
        base_environment()
        | _common(state, plan, server, node, service)
        | {
            "SAFAR_HTTP_PORT": str(port),
            "SAFAR_TRACE_FILE": str(state.trace(identifier)),
        }
    )
    if service != PORTAL:
        environment |= _bus(state, plan, node, service)
    if service in _EXTRA:
        environment |= _EXTRA[service](state, plan, server, node)
    return Component(
        id=identifier,
        node=node,
        kind="python",
        command=(sys.executable, "-m", _module(service), "portal" if service == PORTAL else "all"),
        port=port,
        environment=environment,
        url=f"http://127.0.0.1:{port}",
        ready=f"http://127.0.0.1:{port}/ready",
        rank=2,
    )


def _common(state: State, plan: Plan, server: Server, node: str, service: str) -> dict[str, str]:
    return {
        "SAFAR_NODE": node,
        "SAFAR_MODE": "development",
        "SAFAR_HTTP_HOST": "127.0.0.1",
        "SAFAR_DATABASE_URL": database_url(state, server, node, SCHEMAS[service].kinds[0]),
        "SAFAR_CONTEXT_KEY_FILE": str(context_key_file(state, node, service)),
        "SAFAR_KEYS_DIR": str(state.keys(node)),
        "SAFAR_TRUST_FILE": str(state.node(node) / "trust.json"),
        "SAFAR_PARTNERS": ",".join(plan.partners(node)),
        "SAFAR_NEIGHBOURS": ",".join(plan.neighbours(node)),
        "SAFAR_ISSUERS": json.dumps([provider.access(state, node)["issuer"]]),
    }


def _bus(state: State, plan: Plan, node: str, service: str) -> dict[str, str]:
    return {
        "SAFAR_NATS_URL": f"tls://127.0.0.1:{plan.port(node, 'nats')}",
        "SAFAR_NATS_SEED_FILE": str(broker.seed_file(state, node, service)),
        "SAFAR_NATS_CA_FILE": str(broker.authority_file(state, node)),
    }


def _identity(state: State, plan: Plan, server: Server, node: str) -> dict[str, str]:  # noqa: ARG001
    return provider.environment(state, plan, node) | {"SAFAR_RECONCILE_ON_START": "true"}


def _referrals(state: State, plan: Plan, server: Server, node: str) -> dict[str, str]:  # noqa: ARG001
    return {"SAFAR_KEYS_DATABASE_URL": database_url(state, server, node, "referrals_keys")}


def _notifications(state: State, plan: Plan, server: Server, node: str) -> dict[str, str]:  # noqa: ARG001
    return {"SAFAR_BORDER_NATS_SEED_FILE": str(broker.seed_file(state, node, broker.BORDER_RELAY))}


def _portal(state: State, plan: Plan, server: Server, node: str) -> dict[str, str]:  # noqa: ARG001
    access: dict[str, Any] = provider.access(state, node)
    services = {service: f"http://127.0.0.1:{plan.port(node, service)}" for service in plan.services(node)}
    return {
        "SAFAR_PORTAL_ORIGIN": plan.portal_origin(node),
        "SAFAR_OIDC_ISSUER": access["issuer"]["issuer"],
        "SAFAR_OIDC_CLIENT_ID": access["portal"]["client_id"],
        "SAFAR_OIDC_CLIENT_SECRET_FILE": access["portal"]["client_secret_file"],
        "SAFAR_SERVICES": json.dumps(services),
        "SAFAR_PORTALS": json.dumps({other: plan.portal_origin(other) for other in plan.partners(node)}),
    }


def _coordination(state: State, plan: Plan, server: Server, node: str) -> dict[str, str]:  # noqa: ARG001
    return {"SAFAR_PUBLISH_STEP": "1"}  # a demonstration shows every change at once; production refuses less than 11


_EXTRA = {
    "coordination": _coordination,
    "identity": _identity,
    "referrals": _referrals,
    "notifications": _notifications,
    PORTAL: _portal,
}


def _module(service: str) -> str:
    return PORTAL if service == PORTAL else f"services.{service}"
