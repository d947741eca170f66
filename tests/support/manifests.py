"""Manifests, the compose file and the settings they fill, as tests read them."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic_settings import BaseSettings

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
COMPOSE = ROOT / "deploy" / "compose"
SERVICES = ("identity", "directory", "referrals", "notifications", "coordination")
MANIFESTS = sorted(path for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml")
_READERS = (
    "gateway/edge/Caddyfile",
    "k8s/base/nats/nats.conf",
    "deploy/otel/collector.yaml",
    "deploy/image/migrate.py",
    "deploy/image/streams.py",
)


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def kustomizations() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(K8S.rglob("kustomization.yaml")):
        yield path.parent, yaml.safe_load(path.read_text())


PATCHES = {
    (folder / patch["path"]).resolve() for folder, document in kustomizations() for patch in document.get("patches", [])
}
PLAIN = [path for path in MANIFESTS if path.resolve() not in PATCHES]
OBJECTS = [document for path in PLAIN for document in documents(path)]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and pod template of everything that runs."""
    for one in OBJECTS:
        if one["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def env_names(spec: dict[str, Any]) -> set[str]:
    return {one["name"] for one in spec["containers"][0].get("env", [])}


def node_literals(kind: str) -> set[str]:
    """The variables of the ConfigMap `node` of a country or the region."""
    found = set()
    for folder in (K8S / "base" / kind, *(K8S / "overlays").glob(f"{kind}*")):
        document = yaml.safe_load((folder / "kustomization.yaml").read_text())
        found |= {
            literal.split("=")[0] for one in document["configMapGenerator"] for literal in one.get("literals", [])
        }
    return found


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    return document


def settings_of(module: str) -> list[type[BaseSettings]]:
    """The Settings classes of `services.x` or `gateway`, and those they are built on."""
    found = vars(importlib.import_module(f"{module}.settings")).values()
    return [one for one in found if isinstance(one, type) and issubclass(one, BaseSettings) and one is not BaseSettings]


def service_settings(service: str) -> type[BaseSettings]:
    """The class that every role of a service is started with."""
    settings: type[BaseSettings] = importlib.import_module(f"services.{service}.app").SERVICE.settings
    return settings


def variables(classes: list[type[BaseSettings]], *, required: bool = False) -> set[str]:
    return {
        f"SAFAR_{name.upper()}"
        for one in classes
        for name, field in one.model_fields.items()
        if field.is_required() or not required
    }


def known_variables() -> set[str]:
    """All that a Settings class, the edge, a NATS server, the collector or the image's own commands read."""
    modules = [*(f"services.{name}" for name in SERVICES), "gateway"]
    elsewhere = {name for path in _READERS for name in re.findall(r"\bSAFAR_[A-Z_]+", (ROOT / path).read_text())}
    return elsewhere.union(*(variables(settings_of(module)) for module in modules))


def roles_of(service: str) -> set[str]:
    return set(importlib.import_module(f"services.{service}.app").SERVICE.roles)


def commands_of(module: str) -> set[str]:
    """What may follow `python -m <module>`."""
    if module == "gateway":
        return {"portal", "migrate"}
    service = importlib.import_module(f"{module}.app").SERVICE
    return {*service.roles, *service.commands, "all", "migrate"}
