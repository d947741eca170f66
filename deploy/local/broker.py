"""NATS: configuration of the hub and of each node's server, by the tested listings of the border exchange."""

import os
from dataclasses import dataclass
from pathlib import Path

import nkeys

from deploy.local.certificates import Authority
from deploy.local.component import Component
from deploy.local.plan import COUNTRY_SERVICES, HUB, Plan
from deploy.local.programs import program
from deploy.local.state import ROOT, State, write_private

BORDER_RELAY = "border"
NODE_DEPLOYER = "node-deployer"
BORDER_DEPLOYER = "border-deployer"
LEAF = "leaf"
CONNECTING = (*COUNTRY_SERVICES, BORDER_RELAY, NODE_DEPLOYER, BORDER_DEPLOYER)
"""Who connects to a node's broker: each service, the border relay, and the deployers, which make streams."""
ACCOUNTS = ROOT / "k8s" / "base" / "nats" / "accounts.conf"
"""Who may say what: the file that the cluster uses."""
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
        folder = _folder(state, node)
        write_private(folder / "keys.conf", node_keys(state, node))
        write_private(folder / "accounts.conf", ACCOUNTS.read_text())
        write_private(folder / "nats.conf", node_configuration(plan, node, leaf_address(plan, node)))


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


def node_keys(state: State, node: str) -> str:
    """keys.conf of a node's server: everyone's public key, and the seed with which the leaf dials the hub."""
    public = {f"{name.upper().replace('-', '_')}_PUB": identity(state, node, name).public for name in CONNECTING}
    known = public | {"LEAF_SEED": identity(state, node, LEAF).seed}
    return "".join(f'{name}: "{value}"\n' for name, value in known.items())


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


def node_configuration(plan: Plan, node: str, hub: str) -> str:
    """A node's server; what it includes says who may do what."""
    return f"""server_name: {node}
listen: "127.0.0.1:{plan.port(node, "nats")}"
http: "127.0.0.1:{plan.port(node, "monitor")}"
{_COMMON}include "accounts.conf"
tls {{ cert_file: "cert.pem", key_file: "key.pem", ca_file: "ca.pem" }}
jetstream {{ store_dir: "store", domain: {node}, sync_interval: always, max_mem: 64M, max_file: 50G }}
leafnodes {{ remotes: [ {{ url: "tls://{hub}", account: BORDER, nkey: $LEAF_SEED
  tls {{ cert_file: "cert.pem", key_file: "key.pem", ca_file: "ca.pem" }} }} ] }}
"""


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


def _folder(state: State, node: str) -> Path:
    return state.node(node) / "nats"
