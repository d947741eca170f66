import pytest

from deploy.local.broker import ACCOUNTS, hub_configuration, leaf_address, node_configuration
from deploy.local.plan import Plan
from deploy.local.streams import declared

PLAN = Plan(("kz", "uz"), 9000)


def test_the_hub_stores_nothing_and_does_not_tell_nodes_where_it_really_is() -> None:
    text = hub_configuration(PLAN, {"region": "UR", "kz": "UK", "uz": "UU"})

    assert "jetstream" not in text
    assert "no_advertise: true" in text
    assert "verify: true" in text


def test_the_hub_lets_a_node_speak_to_another_only_under_its_own_name() -> None:
    text = hub_configuration(PLAN, {"region": "UR", "kz": "UK", "uz": "UU"})
    kz = text[text.index("  KZ {") : text.index("  UZ {")]

    assert '{ service: { account: UZ, subject: "xb.in.KZ.>" }, to: "xb.out.UZ.>" }' in kz
    assert '{ service: { account: REGION, subject: "xb.in.KZ.>" }, to: "xb.out.REGION.>" }' in kz
    assert '{ service: "xb.in.UZ.>", accounts: [UZ] }' in kz
    assert "xb.in.KG" not in text


def test_a_node_syncs_every_message_and_notices_a_dead_link_within_a_minute() -> None:
    text = node_configuration(PLAN, "kz", "127.0.0.1:9129")

    assert "sync_interval: always" in text
    assert 'ping_interval: "20s", ping_max: 2' in text
    assert 'url: "tls://127.0.0.1:9129", account: BORDER, nkey: $LEAF_SEED' in text


def test_a_service_publishes_under_its_own_name_and_reads_its_own_consumer_alone() -> None:
    text = ACCOUNTS.read_text()

    for name in ("identity", "directory", "referrals", "coordination"):
        may = text[text.index(f"{name} = {{") :].split("] }")[0]
        subjects = [word.strip('"') for word in may.replace(",", " ").split() if word.startswith('"')]

        assert all(name in subject for subject in subjects), name
        assert f"permissions: ${name}" in text


def test_a_test_can_put_its_proxy_between_a_node_and_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFAR_LEAF_PROXY_UZ", "127.0.0.1:9999")

    assert leaf_address(PLAN, "uz") == "127.0.0.1:9999"
    assert leaf_address(PLAN, "kz") == "127.0.0.1:9129"


def test_a_country_has_a_stream_each_way_per_neighbour_and_its_own_events() -> None:
    streams = {stream.name: stream for stream in declared(PLAN, "kz")}

    assert set(streams) == {"EVENTS", "FROM_UZ", "FROM_REGION", "OUT_UZ", "OUT_REGION", "IN_UZ", "IN_REGION"}
    assert streams["OUT_UZ"].configuration["subjects"] == ["out.UZ.>"]
    assert streams["IN_UZ"].configuration["subjects"] == ["xb.in.UZ.*.*"]
    assert streams["IN_UZ"].configuration["subject_transform"]["dest"] == "xb.in.UZ.{{partition(1000000000,1,2)}}"
    assert set(streams["EVENTS"].consumers) == {"directory", "referrals", "notifications", "coordination"}


def test_the_region_consumes_counts_and_envelopes_only() -> None:
    streams = {stream.name: stream for stream in declared(PLAN, "region")}

    assert set(streams) == {"EVENTS", "FROM_KZ", "FROM_UZ", "OUT_KZ", "OUT_UZ", "IN_KZ", "IN_UZ"}
    assert set(streams["EVENTS"].consumers) == {"notifications", "coordination"}
    assert set(streams["FROM_KZ"].consumers) == {"notifications", "coordination"}


def test_a_full_stream_refuses_instead_of_forgetting_and_nothing_is_ever_given_up() -> None:
    for stream in declared(PLAN, "kz"):
        assert stream.configuration["discard"] == "new"
        assert stream.configuration["retention"] == "interest"
        assert all(consumer["max_deliver"] == -1 for consumer in stream.consumers.values())
        assert all(consumer["ack_policy"] == "explicit" for consumer in stream.consumers.values())
