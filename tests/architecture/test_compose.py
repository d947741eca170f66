"""The compose file is true: variables that are read, commands that exist, loopback ports, and secrets that are made."""

from deploy.compose.materials import make
from deploy.local.plan import plan
from tests.support.manifests import COMPOSE, SERVICES, compose, known_variables, service_settings, variables


def test_compose_names_only_what_is_read_and_gives_each_component_what_it_requires():
    known = known_variables()
    for name, one in compose()["services"].items():
        given = set(one.get("environment", {}))
        module = one.get("command", [""])[0]

        assert {variable for variable in given if variable.startswith("SAFAR_")} <= known, name
        if module.startswith("services.") and one["command"][1] == "all":
            settings = service_settings(module.removeprefix("services."))
            from_files = {"SAFAR_DATABASE_URL", "SAFAR_KEYS_DATABASE_URL"}

            assert variables([settings], required=True) - given - from_files == set(), name


def test_compose_opens_no_port_but_on_loopback_and_those_of_the_launcher():
    laid_out = plan("kz,uz", "8400")
    published = {port for one in compose()["services"].values() for port in one.get("ports", [])}

    assert published == {
        *(f"127.0.0.1:{laid_out.port(node, 'edge')}:8080" for node in ("kz", "uz", "region")),
        f"127.0.0.1:{laid_out.keycloak_port}:{laid_out.keycloak_port}",
    }


def test_compose_waits_for_health_and_never_for_what_is_not_there():
    services = compose()["services"]
    for name, one in services.items():
        for other, condition in one.get("depends_on", {}).items():
            ends = condition["condition"] == "service_completed_successfully"

            assert ends == ("restart" not in services[other]), (name, other)
            assert ends or "healthcheck" in services[other], (name, other)


def test_compose_runs_every_service_in_each_country_and_mounts_only_what_exists():
    services = compose()["services"]
    mounted = [
        volume.split(":")[0] for one in services.values() for volume in one.get("volumes", []) if volume.startswith(".")
    ]

    assert {f"{country}-{name}" for country in ("kz", "uz") for name in SERVICES} <= set(services)
    assert all((COMPOSE / path).exists() for path in mounted if not path.startswith("./secrets"))


def test_the_materials_of_compose_are_all_that_it_mounts(tmp_path):
    make(tmp_path / "secrets")

    document = compose()
    wanted = [
        path
        for one in document["services"].values()
        for path in (*(volume.split(":")[0] for volume in one.get("volumes", [])), *one.get("env_file", []))
        if path.startswith("./secrets")
    ] + [one["file"] for one in document["secrets"].values()]
    assert all((tmp_path / path).exists() for path in wanted)
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_a_service_in_compose_holds_its_own_keys_and_nobody_elses():
    also = {"identity": {"agencies"}, "referrals": {"master.key"}, "notifications": {"agencies", "nats-border.seed"}}
    for name, one in compose()["services"].items():
        service = name.split("-", 1)[-1]
        if one.get("command", [""])[0] == f"services.{service}":
            held = {volume.split(":")[0].split("/keys/")[1] for volume in one["volumes"] if "/keys/" in volume}
            own = {"transport.key", f"context-{service}.key", f"nats-{service}.seed"}

            assert held == own | also.get(service, set()), name
