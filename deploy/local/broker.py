"""NATS: configuration of the hub and of each node's server, by the tested listings of the border exchange."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nkeys

from deploy.local.certificates import Authority
from deploy.local.component import Component
from deploy.local.plan import HUB, Plan
from deploy.local.programs import program
from deploy.local.state import State, write_private

NODE_SERVICES = "node"
BORDER_RELAY = "border"
NODE_DEPLOYER = "node-deployer"
BORDER_DEPLOYER = "border-deployer"
LEAF = "leaf"
CONNECTING = (NODE_SERVICES, BORDER_RELAY)
"""The identities that services use; the deployers make streams, the leaf dials the hub."""
_IDENTITIES = (*CONNECTING, NODE_DEPLOYER, BORDER_DEPLOYER, LEAF)
_COMMON = 'ping_interval: "20s", ping_max: 2\nmax_payload: 1MB\n'


@dataclass(frozen=True)
class Identity:
    """An nkey: who a NATS connection is, without a password."""

    public: str
    seed: str


def prepare(state: State, plan: Plan) -> None:
    """Certificates, nkeys and configuration files of every server of the plan; what exists is kept."""
    authority = Authority.load_or_make(state.border_ca)
    for node in (HUB, *plan.nodes):
        authority.issue(node, _folder(state, node))
    leaves = {node: identity(state, node, LEAF).public for node in plan.nodes}
    write_private(_folder(state, HUB) / "nats.conf", hub_configuration(plan, leaves))
    for node in plan.nodes:
        identities = {name: identity(state, node, name) for name in _IDENTITIES}
        write_private(
            _folder(state, node) / "nats.conf", node_configuration(plan, node, identities, leaf_address(plan, node))
        )


def component(state: State, plan: Plan, node: str) -> Component:
    monitor = plan.port(node, "monitor")
    return Component(
        id=f"{node}.nats",
        node=node,
        kind="nats",
        command=(program("nats-server"), "-c", "nats.conf"),
        port=plan.port(node, "nats"),
        environment={"PATH": os.defpath, "GOMEMLIMIT": "256MiB"},
        folder=_folder(state, node),
        url=f"http://127.0.0.1:{monitor}",
        ready=f"http://127.0.0.1:{monitor}/healthz",
        rank=1,
    )


def seed_file(state: State, node: str, name: str) -> Path:
    return state.keys(node) / f"nats-{name}.seed"


def authority_file(state: State, node: str) -> Path:
    return _folder(state, node) / "ca.pem"


def identity(state: State, node: str, name: str) -> Identity:
    """The named nkey of a node; made on first use."""
    path = seed_file(state, node, name)
    if not path.exists():
        write_private(path, nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    seed = path.read_text().strip()
    return Identity(nkeys.from_seed(bytearray(seed.encode())).public_key.decode(), seed)


def leaf_address(plan: Plan, node: str) -> str:
    """Where a node dials the hub; SAFAR_LEAF_PROXY_KZ=host:port puts a test's proxy between."""
    return os.environ.get(f"SAFAR_LEAF_PROXY_{node.upper()}") or f"127.0.0.1:{plan.port(HUB, 'leaf')}"


def hub_configuration(plan: Plan, leaves: dict[str, str]) -> str:
    """The hub: no JetStream, an account per node, a fixed export and import per pair.

    `no_advertise`: otherwise a node learns the hub's real port and walks round any proxy or firewall rule.
    """
    accounts = "\n".join(_hub_account(plan, node, leaves[node]) for node in plan.nodes)
    return f"""server_name: hub
listen: "127.0.0.1:{plan.port(HUB, "nats")}"
http: "127.0.0.1:{plan.port(HUB, "monitor")}"
{_COMMON}leafnodes {{
  listen: "127.0.0.1:{plan.port(HUB, "leaf")}", no_advertise: true
  tls {{ cert_file: "cert.pem", key_file: "key.pem", ca_file: "ca.pem", verify: true }}
}}
permissions = {{ publish: ["xb.out.>", "_R_.>"], subscribe: ["xb.in.>", "_INBOX.>"] }}
accounts {{
{accounts}
  SYS {{}}
}}
system_account: SYS
"""


def node_configuration(plan: Plan, node: str, identities: dict[str, Identity], hub: str) -> str:
    """A node: services speak in account NODE, the border relay in BORDER, which alone reaches the hub."""
    return f"""server_name: {node}
listen: "127.0.0.1:{plan.port(node, "nats")}"
http: "127.0.0.1:{plan.port(node, "monitor")}"
{_COMMON}tls {{ cert_file: "cert.pem", key_file: "key.pem", ca_file: "ca.pem" }}
jetstream {{ store_dir: "store", domain: {node}, sync_interval: always, max_mem: 64M, max_file: 50G }}
services = {{ publish: {{ deny: {_quoted(_DEPLOYMENT_ONLY)} }} }}
accounts {{
  NODE {{ jetstream: enabled
    users: [ {{ nkey: {identities[NODE_SERVICES].public}, permissions: $services }}
             {{ nkey: {identities[NODE_DEPLOYER].public} }} ] }}
  BORDER {{ jetstream: enabled
    users: [ {{ nkey: {identities[BORDER_RELAY].public}, permissions: $services }}
             {{ nkey: {identities[BORDER_DEPLOYER].public} }} ] }}
  SYS {{}}
}}
system_account: SYS
leafnodes {{ remotes: [ {{ url: "tls://{hub}", account: BORDER, nkey: {identities[LEAF].seed}
  tls {{ cert_file: "cert.pem", key_file: "key.pem", ca_file: "ca.pem" }} }} ] }}
"""


_DEPLOYMENT_ONLY = tuple(
    f"$JS.API.{verb}.>"
    for verb in (
        *("STREAM.CREATE", "STREAM.UPDATE", "STREAM.DELETE", "STREAM.PURGE", "STREAM.MSG.DELETE", "STREAM.RESTORE"),
        *("CONSUMER.CREATE", "CONSUMER.DURABLE.CREATE", "CONSUMER.DELETE"),
    )
)
"""Streams and durable consumers belong to deployment: a service may use them, not make or empty them."""


def _hub_account(plan: Plan, node: str, leaf: str) -> str:
    mine = node.upper()
    neighbours = [other.upper() for other in plan.neighbours(node)]
    exports = "\n".join(f'      {{ service: "xb.in.{other}.>", accounts: [{other}] }}' for other in neighbours)
    imports = "\n".join(
        f'      {{ service: {{ account: {other}, subject: "xb.in.{mine}.>" }}, to: "xb.out.{other}.>" }}'
        for other in neighbours
    )
    return f"""  {mine} {{ users: [ {{ nkey: {leaf}, permissions: $permissions }} ]
    exports: [
{exports} ]
    imports: [
{imports} ] }}"""


def _quoted(subjects: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{subject}"' for subject in subjects) + "]"


def _folder(state: State, node: str) -> Path:
    return state.node(node) / "nats"
