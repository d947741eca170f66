"""The weave, the crossing, deadlines and the Sankey."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.charts import curve as curves
from gateway.charts.cells import Cell, total
from gateway.charts.curve import Curve, Months, curve
from gateway.charts.sankey import BROAD, Flows, Node, sankey
from gateway.openapi import merge
from gateway.portal import weave
from gateway.portal.clients.referrals import Referral, Timeline
from gateway.portal.present import waits as waits_of
from gateway.portal.present.crossing import Crossing, crossing
from gateway.portal.present.places import Party
from gateway.portal.present.rows import day_of
from gateway.portal.signs import deadline, tag
from gateway.portal.words import speech
from tests.unit.gateway.fakes import FakeServices, referral_id

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("country", weave.COUNTRIES)
def test_motifs_are_symmetric_rows_of_bits(country: str) -> None:
    small, large = weave.rows(weave.SMALL[country]), weave.rows(weave.LARGE[country])

    assert (len(small), len(large)) == (7, 11)
    assert all(row < 1 << 9 for row in small)
    assert all(f"{row:09b}" == f"{row:09b}"[::-1] for row in small)
    assert all(row < 1 << 15 for row in large)


def test_a_run_of_bits_is_one_rectangle() -> None:
    assert weave.runs([0b0110, 0b1001], 4) == "M1 0h2v1h-2zM0 1h1v1h-1zM3 1h1v1h-1z"


@pytest.mark.parametrize(
    ("started", "ends", "stage", "icon"),
    [
        (-1, 9, "calm", "clock"),
        (-3, 7, "calm", "quarter"),
        (-6, 4, "half", "half"),
        (-8, 2, "half", "three"),
        (-10, -1, "late", "late"),
    ],
)
def test_a_deadline_has_a_shape_for_each_stage(started: float, ends: float, stage: str, icon: str) -> None:
    due = deadline(speech().now + started * HOUR, speech().now + ends * HOUR)

    assert (due.stage, due.icon) == (stage, icon)


def test_silence_of_the_other_side_is_told_from_150_percent() -> None:
    due = deadline(speech().now - 16 * HOUR, speech().now - 6 * HOUR, theirs=True)

    assert due.stage == "silent"
    assert due.words.startswith("Silent for 6")


def test_the_turn_is_drawn_and_said() -> None:
    assert (tag("delivered", mine=True).turn, tag("delivered", mine=False).turn) == ("mine", "theirs")
    assert tag("closed", mine=False, outcome="need_met").colour == "pistachio"
    assert tag("closed", mine=False).turn == "done"


def crossed(**change: object) -> Crossing:
    services = FakeServices(speech().now)
    referral = Referral.model_validate(services.referral(referral_id(5)))
    raw = services.timeline(referral_id(5))
    raw["entries"][-1] |= change
    origin, destination = Party("kz", "Sapar-Demo", ""), Party("uz", "Najot-Demo", "")
    return crossing(referral, Timeline.model_validate(raw), origin, destination)


def test_in_a_plain_referral_the_chain_stays_with_the_referring_agency() -> None:
    assert {step.holder for step in crossed().entries} == {"a"}


def test_a_delayed_act_stays_dashed_and_says_how_long_it_waited() -> None:
    delayed = next(step for step in crossed().entries if step.number == 4)

    assert delayed.cord == "waits"
    assert delayed.receipts[0].words.startswith("Waited for the link 2\N{NO-BREAK SPACE}h")


def test_no_receipt_no_line_but_the_wait_is_said() -> None:
    view = crossed(received_at=None, opened_at=None)

    last = [step for step in view.entries if step.number][-1]
    assert [line.words for line in last.receipts] == ["On its way for 19\N{NO-BREAK SPACE}h, goes by itself"]
    assert last.seal == "sealwait"
    assert view.head
    assert "still on the way" in view.head.words


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("corridor_closed", "Held back: this corridor is closed"),
        ("day_share_used", "Held back until tomorrow"),
        ("too_large", "Your operator knows"),
        ("border_refused", "Your operator knows"),
        ("recipient_key_unknown", "Held back until the other side can take it"),
    ],
)
def test_what_is_held_back_says_why(reason: str, said: str) -> None:
    last = [step for step in crossed(received_at=None, parked_reason=reason).entries if step.number][-1]

    assert said in last.receipts[0].words


def test_what_their_machine_did_is_not_said_of_a_person() -> None:
    last = [step for step in crossed().entries if step.number][-1]

    assert last.receipts[-1].words.startswith("Unsealed by their system at ")
    assert not [line for step in crossed().entries for line in step.receipts if "pened" in line.words]


def test_a_seal_is_ticked_only_when_its_receipt_is_there() -> None:
    just_now = datetime.now(UTC)

    under_way = [step for step in crossed(at=just_now, received_at=None).entries if step.number][-1]

    assert [line.words for line in under_way.receipts] == ["On its way"]
    assert (under_way.cord, under_way.seal) == ("", "sealwait")


def test_beneath_now_stands_the_one_expected_act() -> None:
    *_, now, following = crossed().entries

    assert now.now.startswith("Now, ")
    assert following.next
    assert following.side == "b"
    assert following.title == "Expected: start of the service"


def test_work_is_sorted_by_whose_move_and_when() -> None:
    from gateway.portal.clients.referrals import Item

    items = [Item.model_validate(one) for one in FakeServices(speech().now).sent()]

    day = day_of(items)

    assert [item.status for item in day.drafts] == ["draft"]
    assert len(day.overdue) == 1
    assert len(day.waiting) == 4
    assert all(item.move == "mine" for item in [*day.overdue, *day.today, *day.later])


def test_a_total_adds_only_what_is_shown() -> None:
    assert str(total([Cell(5), Cell(None, "below"), Cell(7)])) == "12+"
    assert str(total([Cell(5), Cell(0)])) == "5"


def test_a_withheld_flow_is_hatched_at_one_width_whatever_it_hides() -> None:
    nodes = [Node("kz", "Kazakhstan", "KZ"), Node("uz", "Uzbekistan", "UZ")]
    outcome = [Node("served", "<Served>", "S")]
    first = {("kz", "uz"): Cell(100), ("uz", "kz"): Cell(None, "below")}
    second = {("uz", "served"): Cell(90), ("kz", "served"): Cell(None, "withheld")}

    drawn = str(sankey(Flows((nodes, nodes, outcome), first, second, ("a", "b", "c"), "t"), BROAD))

    assert drawn.count('fill="url(#h-broad)"') == 2
    assert drawn.count("v6.0C") == 2
    assert "&lt;Served&gt;" in drawn
    assert 'role="img"' in drawn


def drawn_curve(values: Months, before: Months | None = None) -> str:
    told = Curve("uz", values, before or {}, months=12, limit=72, most=144, ends=("<Jan>", "Dec"), title="<t>")
    return str(curve(told, curves.BROAD))


def test_a_curve_breaks_over_what_is_not_shown_and_hatches_it() -> None:
    drawn = drawn_curve({0: 10, 1: 20, 2: None, 3: None, 4: 144, 6: 0})

    assert drawn.count('class="g-curve"') == 3
    assert drawn.count('fill="url(#c-uz-broad)"') == 1, "neighbouring months are one hatching"
    assert drawn.count('class="g-dot"') == 2, "the last month, and one without neighbours"
    assert "M30.0 69.6 44.5 65.1" in drawn
    assert "M88.2 10.0" in drawn
    assert "M117.3 74.0" in drawn, "no wait at all is a value, not a gap"


def test_a_curve_says_nothing_of_months_without_referrals() -> None:
    drawn = drawn_curve({})

    assert "url(#" not in drawn
    assert "g-curve" not in drawn
    assert 'class="g-limit" d="M30 42.0H196"' in drawn


def test_a_curve_is_compared_with_the_year_before_and_its_words_are_escaped() -> None:
    drawn = drawn_curve({0: 10}, {0: 20, 1: 30, 3: None})

    assert drawn.count('class="g-before"') == 1
    assert "&lt;Jan&gt;" in drawn
    assert 'aria-label="&lt;t&gt;"' in drawn


def test_curves_end_with_the_newest_month_and_reach_over_the_turn_of_the_year() -> None:
    medians = {
        ("decide", ("kz", "2026-02")): 80,
        ("decide", ("kz", "2025-12")): 30,
        ("acknowledge", ("kz", "2026-01")): 5,
    }

    found = waits_of.curves(medians, ["2025-12", "2026-02", "2026-01"], ["kz", "uz"])

    assert found
    assert [found.heads[0], found.heads[-1]] == ["Mar", "Feb"]
    kz, uz = found.panels
    assert (kz.icon, list(kz.cells)[-3:]) == ("late", ["30\N{NO-BREAK SPACE}h", "", "80\N{NO-BREAK SPACE}h"])
    assert (uz.icon, uz.words) == ("queued", "nothing counted")
    assert waits_of.curves({}, [], ["kz"]) is None


def test_the_merged_api_keeps_schemas_of_one_name_apart() -> None:
    def document(path: str) -> dict[str, object]:
        return {
            "paths": {path: {"get": {"responses": {"200": {"$ref": "#/components/schemas/Page"}}}}},
            "components": {"schemas": {"Page": {"type": "object"}}},
        }

    merged = merge(
        "kz",
        "https://idp.example",
        {"referrals": document("/v1/cases"), "directory": document("/v1/districts"), "identity": None},
    )

    told = merged["components"]["securitySchemes"]["bearer"]["description"]
    assert "https://idp.example/.well-known/openid-configuration" in told
    assert set(merged["components"]["schemas"]) == {"referrals_Page", "directory_Page"}
    assert merged["paths"]["/v1/cases"]["get"]["responses"]["200"]["$ref"] == "#/components/schemas/referrals_Page"
    assert merged["x-unavailable"] == ["identity"]
