"""How much one country may make this node hold."""

from services.notifications.domain.allowance import A_DAY, HELD, Taken


def test_a_country_is_held_up_by_what_it_filled_and_by_nothing_less() -> None:
    assert Taken(HELD - 1, A_DAY - 1).hindrance() is None
    assert Taken(HELD, 0).hindrance() == "held"
    assert Taken(0, A_DAY).hindrance() == "a_day"
