"""The manifests say what the code is: strict schemas, hardened pods, and only roles and settings that exist."""

import importlib.util
import json
import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.local.plan import plan
from services.chassis.settings import Issuer
from services.chassis.tokens import TokenVerifier
from tests.support.manifests import (
    K8S,
    MANIFESTS,
    OBJECTS,
    PATCHES,
    PLAIN,
    ROOT,
    SERVICES,
    commands_of,
    compose,
    documents,
    env_names,
    known_variables,
    kustomizations,
    node_literals,
    pods,
    roles_of,
    service_settings,
    settings_of,
    variables,
)

COMMANDS_OF_THE_IMAGE = {"deploy.image.migrate", "deploy.image.streams"}


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: str(path.relative_to(K8S)))
def test_every_plain_manifest_passes_the_strict_schemas_of_kubernetes(path):
    for document in documents(path):
        kubernetes_validate.validate(document, "1.36", strict=True)


def test_every_manifest_is_named_by_exactly_one_kustomization():
    named = [
        (folder / entry).resolve()
        for folder, document in kustomizations()
        for entry in (*document.get("resources", []), *(patch["path"] for patch in document.get("patches", [])))
        if entry.endswith(".yaml")
    ]

    assert sorted(named) == sorted(path.resolve() for path in MANIFESTS)


def test_no_manifest_and_no_compose_file_contains_a_secret():
    environments = [one.get("environment", {}) for one in compose()["services"].values()]
    spoken = {
        name for environment in environments for name in environment if name.endswith(("PASSWORD", "SECRET", "_URL"))
    }

    assert not [one for one in OBJECTS if one["kind"] == "Secret"]
    assert spoken <= {"SAFAR_NATS_URL", "SAFAR_PROVIDER_URL", "SAFAR_HUB_URL", "KC_DB_URL"}
    assert "secretGenerator" not in "".join(path.read_text() for path in K8S.rglob("*.yaml"))


def hardened(spec: dict[str, Any], container: dict[str, Any]) -> bool:
    pod, own = spec.get("securityContext", {}), container.get("securityContext", {})
    return (
        pod.get("runAsNonRoot") is True
        and pod.get("runAsUser", 0) > 0
        and pod.get("seccompProfile") == {"type": "RuntimeDefault"}
        and spec.get("automountServiceAccountToken") is False
        and own.get("allowPrivilegeEscalation") is False
        and own.get("readOnlyRootFilesystem") is True
        and own.get("capabilities") == {"drop": ["ALL"]}
        and {"requests", "limits"} <= set(container.get("resources", {}))
    )


def test_what_is_laid_over_every_role_and_job_is_hardened():
    for name in ("role.yaml", "job.yaml"):
        (patch,) = documents(K8S / "base/common" / name)
        spec = patch["spec"]["template"]["spec"]

        assert hardened(spec, spec["containers"][0]), name


def test_every_pod_is_hardened_by_itself_or_by_what_is_laid_over_it():
    for name, spec in pods():
        (container,) = spec["containers"]

        assert container["name"] == "safar" or hardened(spec, container), name


def test_every_namespace_enforces_the_restricted_level_and_every_account_is_without_a_token():
    namespaces = [one for one in OBJECTS if one["kind"] == "Namespace"]
    accounts = [one for one in OBJECTS if one["kind"] == "ServiceAccount"]

    assert len(namespaces) == 2
    assert all(one["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted" for one in namespaces)
    assert all(one["automountServiceAccountToken"] is False for one in accounts)


def test_a_namespace_lets_nothing_in_or_out_but_what_a_policy_names():
    shut = [one for one in OBJECTS if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == "nothing"]

    assert len(shut) == 2
    assert all(one["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} for one in shut)


def test_every_role_of_every_service_has_its_deployment_and_no_other():
    for name in SERVICES:
        deployed = {
            tuple(one["spec"]["template"]["spec"]["containers"][0]["args"])
            for path in (K8S / "base" / name).glob("*.yaml")
            if path.resolve() not in PATCHES and path.name != "kustomization.yaml"
            for one in documents(path)
            if one["kind"] == "Deployment"
        }

        assert deployed == {(f"services.{name}", role) for role in roles_of(name)}


def commands() -> Iterator[list[str]]:
    for _, spec in pods():
        if spec["containers"][0]["name"] == "safar":
            yield spec["containers"][0]["args"]
    for one in compose()["services"].values():
        if str(one.get("image", "")).startswith("safar:"):
            yield one["command"]


def test_every_command_of_the_image_exists():
    for module, *words in commands():
        if module in COMMANDS_OF_THE_IMAGE:
            assert importlib.util.find_spec(module)
            assert module != "deploy.image.migrate" or set(words) <= {*SERVICES, "gateway"}
            assert module != "deploy.image.streams" or plan(*words, "8400").countries
        else:
            assert words[0] in commands_of(module), (module, words)


def test_every_variable_of_the_manifests_is_one_that_something_reads():
    own = {name for path in MANIFESTS for name in re.findall(r"\bSAFAR_[A-Z_]+", path.read_text())}
    used = own | {name for kind in ("country", "region") for name in node_literals(kind) if name.startswith("SAFAR_")}

    assert used - known_variables() == set()


def test_every_role_is_given_all_that_its_settings_require():
    bus = env_names(documents(K8S / "base/common/bus.yaml")[0]["spec"]["template"]["spec"])
    for name in SERVICES:
        own = env_names(documents(K8S / "base" / name / "parts.yaml")[0]["spec"]["template"]["spec"])
        settings = service_settings(name)

        assert variables([settings], required=True) - own - bus - node_literals("country") == set(), name

    portal = dict(pods())["portal"]
    wanted = variables(settings_of("gateway"), required=True)

    assert wanted - env_names(portal) - node_literals("country") == set()
    assert wanted - env_names(portal) - node_literals("region") == set()


def test_overlays_give_issuers_that_production_accepts():
    for folder in ("country-kz", "country-uz", "region"):
        text = (K8S / "overlays" / folder / "kustomization.yaml").read_text()
        (issuers,) = re.findall(r"SAFAR_ISSUERS=(.*)", text)

        assert TokenVerifier([Issuer(**one) for one in json.loads(issuers)], mode="production")


def test_the_edge_of_the_cluster_reads_the_gateways_own_configuration():
    listed = yaml.safe_load((K8S / "base/edge/kustomization.yaml").read_text())["resources"]
    generated = yaml.safe_load((ROOT / "gateway/edge/kustomization.yaml").read_text())["configMapGenerator"]

    assert "../../../gateway/edge" in listed
    assert generated == [{"name": "edge", "files": ["Caddyfile"]}]


def test_the_edge_of_the_cluster_sets_every_variable_that_its_configuration_has_no_default_for():
    wanted = set(re.findall(r"\{\$(SAFAR_[A-Z_]+)\}", (ROOT / "gateway/edge/Caddyfile").read_text()))

    assert wanted <= env_names(dict(pods())["edge"])
    assert all(
        wanted <= set(one["environment"]) for name, one in compose()["services"].items() if name.endswith("-edge")
    )


def test_images_are_named_by_version_and_without_a_registry():
    images = {one["image"] for one in compose()["services"].values()}
    tags = {one["name"]: one["newTag"] for _, document in kustomizations() for one in document.get("images", [])}

    assert all(re.fullmatch(r"([\w-]+/)?[\w-]+:[\w.-]+", image) and "latest" not in image for image in images)
    assert {spec["containers"][0].get("image", "safar") for _, spec in pods()} == set(tags)
    assert {f"{name}:{tag}" for name, tag in tags.items()} <= images


def test_every_service_of_the_cluster_speaks_to_the_broker_under_its_own_key():
    for name in SERVICES:
        (patch,) = documents(K8S / "base" / name / "parts.yaml")
        (volume,) = [one for one in patch["spec"]["template"]["spec"]["volumes"] if one["name"] == "nats"]

        assert volume["secret"]["secretName"] == f"nats-{name}"
