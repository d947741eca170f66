"""NATS in containers is the NATS of one machine: taken by the server, the same accounts, the same refusals."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.compose.materials import make
from deploy.local import broker
from deploy.local.plan import plan
from tests.support.manifests import K8S


@pytest.fixture(scope="module")
def mounted(tmp_path_factory) -> Path:
    """Both configurations beside keys and certificates as the containers have them."""
    folder = tmp_path_factory.mktemp("nats") / "secrets"
    make(folder)
    for name, node in (("nats", "kz"), ("hub", "hub")):
        place = folder / "nodes" / node / "nats"
        text = (K8S / "base" / name / f"{name}.conf").read_text()
        text = text.replace("/etc/nats/", f"{place}/").replace('"/data"', f'"{folder}/data"')
        (place / f"{name}.conf").write_text(text)
        (place / "accounts.conf").write_text(broker.ACCOUNTS.read_text())
    return folder / "nodes"


@pytest.mark.parametrize("configuration", ["kz/nats/nats.conf", "hub/nats/hub.conf"])
def test_the_server_takes_the_configuration(mounted, configuration):
    server = Path(sys.executable).parent / "nats-server"
    environment = {"SAFAR_NODE": "kz", "SAFAR_HUB_URL": "tls://hub.safar.example:7422"}

    tested = subprocess.run(
        [server, "-t", "-c", mounted / configuration], env=environment, capture_output=True, text=True, check=False
    )

    assert tested.returncode == 0, tested.stderr


def accounts(text: str) -> str:
    """The accounts block, without spaces and with each list in order."""
    block = re.sub(r"#.*", "", text[text.index("\naccounts {") : text.index("system_account")])
    return "\n".join(sorted(re.sub(r"\s|[\[\]{},]", "", line) for line in block.splitlines() if line.strip()))


def test_the_hub_of_the_cluster_connects_whom_the_launchers_hub_connects():
    everyone = plan("all", "8400")
    expected = broker.hub_configuration(everyone, {node: f"${node.upper()}_PUB" for node in everyone.nodes})

    assert accounts((K8S / "base/hub/hub.conf").read_text()) == accounts(expected)


def test_a_node_of_the_cluster_differs_from_one_of_the_launcher_in_addresses_alone():
    text = (K8S / "base/nats/nats.conf").read_text()
    expected = broker.node_configuration(plan("kz,uz", "8400"), "kz", "h")

    for pattern in (r"sync_interval: \w+", r'include "[\w.]+"', r"ping_\w+: \S+", r"account: BORDER, nkey: \S+"):
        assert re.findall(pattern, text) == re.findall(pattern, expected) != [], pattern
